"""All that services may know of each other: facts, queues, workflow inputs, stub workflow classes, dossier shapes."""
