import SystemPackage
import TestSupport

/// Bare repositories served over HTTP by `git http-backend`; below `/private/` only for a user with a password.
///
/// `GET /asked` tells the user names and passwords that came, `user:password` a line.
func withGitServer<R: Sendable>(
    root: String, _ body: @Sendable (Int) async throws -> R
) async throws -> R {
    try await withPythonServer(
        """
        import base64, http.server, os, subprocess, sys, threading
        root, asked = sys.argv[1], []
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_): pass
            def do_GET(self): self.serve()
            def do_POST(self): self.serve()
            def serve(self):
                path, _, query = self.path.partition("?")
                given = self.headers.get("Authorization", "")
                if given.startswith("Basic "): asked.append(base64.b64decode(given[6:]).decode())
                if path == "/asked": return self.answer(200, {}, "\\n".join(asked).encode())
                if path.startswith("/private/") and (not asked or not given or asked[-1] != "robot:s3cret/token"):
                    return self.answer(401, {"WWW-Authenticate": "Basic realm=git"}, b"")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while True:
                        size = int(self.rfile.readline(), 16)
                        body += self.rfile.read(size); self.rfile.readline()
                        if not size: break
                environment = dict(PATH="/usr/bin:/bin", GIT_PROJECT_ROOT=root, GIT_HTTP_EXPORT_ALL="1", HOME=root,
                    PATH_INFO=path.removeprefix("/private"), QUERY_STRING=query, REQUEST_METHOD=self.command,
                    CONTENT_TYPE=self.headers.get("Content-Type", ""), CONTENT_LENGTH=str(len(body)),
                    HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
                    GIT_PROTOCOL=self.headers.get("Git-Protocol", ""), REMOTE_USER="u", REMOTE_ADDR="127.0.0.1")
                answer = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment).stdout
                head, _, content = answer.partition(b"\\r\\n\\r\\n")
                headers = dict(line.split(": ", 1) for line in head.decode().split("\\r\\n"))
                self.answer(int(headers.pop("Status", "200").split()[0]), headers, content)
            def answer(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_address[1], flush=True)
        sys.stdin.read()
        """, arguments: [root], body)
}

/// Makes `git/app.git` (branches main and feature/x, the tag v1, pull request 7, a submodule) and `git/lib.git` in a project's
/// scratch directory.
/// - Returns: the commits of v1 and of main.
func makeRepositories(
    _ project: TestProject, buildspec: String
) async throws -> (tagged: String, main: String) {
    try project.scratch.write(buildspec, to: "git/buildspec.yml")
    let script = """
        set -e
        cd "$1/git"
        export HOME="$1" GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        git init -q --bare -b main app.git; git init -q --bare -b main lib.git
        git init -q -b main lib; cd lib; echo library > lib.txt; git add .; git commit -qm lib; git push -q ../lib.git main; cd ..
        git init -q -b main app; cd app; mv ../buildspec.yml .
        git -c protocol.file.allow=always submodule -q add ../lib.git lib
        git add .; git commit -qm one; git tag -a -m v1 v1
        echo two > two; git add .; git commit -qm two
        git push -q ../app.git main main:feature/x main:refs/pull/7/head v1
        git rev-parse main~1 main
        """
    let outcome = try await project.tool("/bin/sh", "-c", script, "sh", project.scratch.path.string)
    let lines = outcome.standardOutput.split(separator: "\n").map(String.init)
    guard lines.count == 2 else { throw PythonEnvironment.Failure(description: "\(outcome)") }
    return (lines[0], lines[1])
}
