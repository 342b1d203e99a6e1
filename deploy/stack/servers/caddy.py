"""Caddy: one origin for pages and APIs, a second for files; nothing else of the stack faces a browser."""

from __future__ import annotations

from deploy.stack import probes
from deploy.stack.birth import Birth
from deploy.stack.files import write_text
from deploy.stack.layout import REPOSITORY, DataDir
from deploy.stack.part import Part
from deploy.stack.servers.binaries import program

_PATHS = {
    "office": "/api/office/* /office /office/* /account /account/*",
    "submission": "/api/submission/* /portal /portal/* /screening /screening/*",
    "review": "/api/review/* /expert /expert/*",
    "ranking": "/api/ranking/* /committee /committee/*",
}

_CONFIG = """\
{{
	admin off
	auto_https off
	persist_config off
	grace_period 5s
	log {{
		level WARN
	}}
}}

http://:{pages} {{
	bind 127.0.0.1
	encode zstd gzip
	request_body {{
		max_size 16MB
	}}
	header {{
		-Server
		X-Content-Type-Options nosniff
		X-Frame-Options DENY
		Referrer-Policy same-origin
		Cross-Origin-Opener-Policy same-origin
		Permissions-Policy "camera=(), geolocation=(), microphone=()"
		?Content-Security-Policy "{policy}"
	}}
	# Names of static files carry the digest of their content.
	handle_path /static/* {{
		root * "{static}"
		header Cache-Control "public, max-age=31536000, immutable"
		file_server
	}}
{services}
	handle {{
		root * "{public}"
		@rendered {{
			method GET HEAD
			expression `{{http.request.uri.query}} == ""`
			file {{
				try_files {{path}} {{path}}.html {{path}}/index.html
			}}
		}}
		handle @rendered {{
			rewrite * {{file_match.relative}}
			file_server
		}}
		handle {{
			reverse_proxy 127.0.0.1:{publication}
		}}
	}}
}}

http://:{files} {{
	bind 127.0.0.1
	# A part of a large file has 8 MiB; so has a small file, and its form some more.
	request_body {{
		max_size 9MB
	}}
	header {{
		-Server
		X-Content-Type-Options nosniff
		Content-Security-Policy "sandbox; default-src 'none'"
		Cross-Origin-Resource-Policy same-site
		Referrer-Policy no-referrer
	}}
	@signed {{
		method GET HEAD PUT POST OPTIONS
		path /quarantine /quarantine/* /evidence/* /dossiers/* /public/*
	}}
	handle @signed {{
		# A presigned address is signed for this origin, so the Host goes through unchanged.
		reverse_proxy 127.0.0.1:{s3}
	}}
	handle {{
		respond 404
	}}
}}
"""

_SERVICE = """\
	@{name} path {paths}
	handle @{name} {{
		reverse_proxy 127.0.0.1:{port} {{
			# When the request came in, which a term is compared with; what a client says of it is replaced.
			header_up X-Request-Start "t={{time.now.unix_ms}}"
		}}
	}}"""


def part(data: DataDir, birth: Birth) -> Part:
    """The web server of this stack."""
    config = data.config / "Caddyfile"
    write_text(config, _caddyfile(data, birth))
    home = data.of("caddy")
    return Part(
        name="caddy",
        command=(program("caddy"), "run", "--config", str(config), "--adapter", "caddyfile"),
        port=birth.port("pages"),
        env={"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)},
        ready=probes.listens(birth.port("pages"), birth.port("files")),
    )


def _caddyfile(data: DataDir, birth: Birth) -> str:
    services = [_SERVICE.format(name=name, paths=paths, port=birth.port(name)) for name, paths in _PATHS.items()]
    return _CONFIG.format(
        pages=birth.port("pages"),
        files=birth.port("files"),
        s3=birth.port("s3"),
        publication=birth.port("publication"),
        services="\n".join(services),
        static=REPOSITORY / "shared" / "web" / "static" / "dist",
        public=data.public,
        policy=_policy(birth),
    )


def _policy(birth: Birth) -> str:
    """No inline script or style; uploads and downloads may go to the file origin only."""
    return (
        f"default-src 'self'; connect-src 'self' {birth.file_origin}; img-src 'self' data: {birth.file_origin}; "
        f"form-action 'self' {birth.file_origin}; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )
