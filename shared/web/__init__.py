"""What every service's pages and APIs share: templates, token check, rights, refusal → answer, idempotent acts."""
