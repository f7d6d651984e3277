import Archiving
import Packaging
import SystemPackage
import TestSupport
import Testing

struct LambdaChecksTests {
    @Test(arguments: [
        ".env", ".env.production", "config/.ENV", "server.pem", "tls/key.PEM", ".aws/credentials",
        "home/.aws/x",
        "id_rsa", "deploy/id_ed25519", "x/ID_RSA", ".ssh/known_hosts", "store.p12", ".netrc", "server.key",
        ".envrc", ".aws", "x/.env~", "terraform.tfstate", "push/AuthKey.p8", ".dockercfg", ".terraformrc",
        ".vault-token",
    ])
    func `refuses what looks like a secret, unless it is allowed`(name: String) throws {
        let app = try LambdaApp("mkdir -p \"$(dirname '\(name)')\"; echo 1 > index.js; echo 2 > '\(name)'")
        let error = try app.refusal()
        #expect(error.code == .secretFile && error.subject == name)
        try app.package(LambdaChecks(allowedSecrets: [name]))
        #expect(try app.names().contains(name))
    }

    @Test func `takes certificates and what only sounds like a secret`() throws {
        let app = try LambdaApp(
            """
            printf '%s\\n' '-----BEGIN CERTIFICATE-----' aGk= '-----END CERTIFICATE-----' > cacert.pem
            touch .env.example .env.default .env.tpl .env.d.ts id_rsa.pub environment.py keys.py pem.txt aws; mkdir aws.d; touch aws.d/x
            """)
        #expect(try app.package().entryCount == 11)
        try app.scratch.sh(
            "printf '%s\\n' '-----BEGIN PRIVATE KEY-----' aGk= '-----END PRIVATE KEY-----' >> app/cacert.pem; rm x.zip"
        )
        #expect(try app.refusal().subject == "cacert.pem")
    }

    @Test(
        arguments: [
            ("", nil), ("ln -s ca.pem l.pem", nil), ("ln -s a.pem b.pem; ln -s ca.pem a.pem", nil),
            ("ln -s gone l.pem", "l.pem"), ("ln -s /etc/x l.pem", "l.pem"),
            (
                "head -c 4300000 /dev/zero >> ca.pem; echo '-----BEGIN RSA PRIVATE KEY-----' >> ca.pem",
                "ca.pem"
            ),
            ("echo '-----BEGIN PGP PRIVATE KEY BLOCK-----' >> ca.pem", "ca.pem"),
            ("echo '-----BEGIN PUBLIC KEY-----' >> ca.pem", nil), ("echo none > ca.pem", "ca.pem"),
        ] as [(String, String?)])
    func `files of certificates are looked through`(script: String, refused: String?) throws {
        let app = try LambdaApp(
            "printf '%s\\n' '-----BEGIN CERTIFICATE-----' aGk= '-----END CERTIFICATE-----' > ca.pem; \(script)"
        )
        if let refused {
            #expect(try app.refusal().subject == refused)
        } else {
            try app.package()
        }
    }

    @Test(arguments: [
        ("python3.13", "app.handler", "def handler(event, context): pass", "app.py", true),
        ("python3.13", "app.handler", "handler = make()", "app.py", true),
        ("python3.13", "app.handler", "from x import (\n    a,\n    handler,\n)", "app.py", true),
        ("python3.13", "app.handler", "from x import *", "app.py", true),
        ("python3.13", "app.handler", "if True:\n    def handler(e, c):\n        pass", "app.py", true),
        ("python3.13", "src/app.handler", "async def handler(e, c): ...", "src/app.py", true),
        ("python3.13", "src.app.handler", "handler: object = 1", "src/app.py", true),
        ("python3.13", "app.handler", "a, handler = 1, 2", "app/__init__.py", true),
        ("python3.13", "app.handler", "app = handler = make(a=1)", "app.py", true),
        ("python3.13", "app.handler", "x = 1; handler = make()", "app.py", true),
        ("python3.13", "app.handler", "ELF", "app.cpython-313-x86_64-linux-gnu.so", true),
        ("python3.13", "fn/app.handler", "ELF", "fn/app.abi3.so", true),
        ("python3.13", "app.handler", "ELF", "apple.abi3.so", false),
        ("python3.13", "app.handler", "from x import y as handler", "app.py", true),
        ("python3.13", "app.handler", "from x import (\n    y as handler,\n)", "app.py", true),
        ("python3.13", "app.handler", "x = (\"\"\"a\n\"\"\")\nhandler = make()", "app.py", true),
        ("python3.13", "app.handler", "x = '\"\"\"'\ndef handler(e, c): pass", "app.py", true),
        ("python3.13", "app.handler", "# it's \"\"\"\ndef handler(e, c): pass", "app.py", true),
        ("python3.13", "app.handler", "(a, handler) = 1, 2", "app.py", true),
        ("python3.13", "app.handler", "handler = x == 3", "app.py", true),
        (
            "python3.13", "app.handler", "from x import ( # noqa (E402)\n    a,\n    handler,\n)", "app.py",
            true
        ),
        ("python3.13", "app.handler", "from x import a, \\\n    handler", "app.py", true),
        ("python3.13", "app.handler", "handler \\\r\n    = Mangum(app)", "app.py", true),
        ("python3.13", "app.handler", "if True: handler = make()", "app.py", true),
        ("python3.13", "app.handler", "if (handler := make()) is None: pass", "app.py", true),
        ("python3.13", "app.handler", "globals()['handler'] = make()", "app.py", true),
        ("python3.13", "app.handler", "if x == {1: handler}: y = handler", "app.py", false),
        ("python3.13", "app.handler", "def other():\n    if True: handler = 1", "app.py", false),
        ("python3.13", "app.handler", "from x import (a) # handler", "app.py", false),
        ("python3.13", "app.handler", "from x import handler as other", "app.py", false),
        ("python3.13", "app.handler", "from handler import x", "app.py", false),
        ("python3.13", "app.handler", "x.handler = 3", "app.py", false),
        ("python3.13", "app.handler", "y = handler == 3", "app.py", false),
        ("python3.13", "app.handler", "y[handler] = 3", "app.py", false),
        ("python3.13", "app.handler", "\"\"\"\ndef handler(e, c): pass\n\"\"\"\nx = 1", "app.py", false),
        ("python3.13", "app.handler", "x = 1; y(handler=1)", "app.py", false),
        ("python3.13", "app.handler", "class A:\n    def handler(self): pass", "app.py", false),
        ("python3.13", "app.handler", "def handlers(e, c): pass\n# handler\nx(handler=1)", "app.py", false),
        ("python3.13", "app.handler", "def handler(e, c): pass", "main.py", false),
        ("python3.13", "handler", "def handler(e, c): pass", "handler.py", false),
        ("nodejs22.x", "index.handler", "exports.handler = async () => {}", "index.js", true),
        ("nodejs22.x", "dist/index.handler", "export const handler = 1", "dist/index.mjs", true),
        ("nodejs22.x", "index.api.handler", "module.exports = { api: { handler } }", "index.cjs", true),
        ("nodejs22.x", "index.handler", "export * from './x.js'", "index.mjs", true),
        ("nodejs22.x", "index.handler", "module.exports = require('./main')", "index.js", true),
        ("nodejs22.x", "index.handler", "exports = module.exports = make();", "index.js", true),
        ("nodejs22.x", "index.handler", "Object.assign(module.exports, require('./x'))", "index.js", true),
        ("nodejs22.x", "index.handler", "for (k in x) exports[k] = x[k]", "index.js", true),
        ("nodejs22.x", "src.handler", "exports.handler = 1", "src/index.js", true),
        ("nodejs22.x", "/opt/nodejs/node_modules/a/handler.handler", "", "index.js", true),
        ("nodejs22.x", "index.handler", "module.exports = { other }", "index.js", false),
        ("nodejs22.x", "index.handler", "if (exports == null) {}", "index.js", false),
        (
            "nodejs22.x", "index.handler",
            "Object.defineProperty(exports, '__esModule', { value: true }); exports['other'] = 1", "index.js",
            false
        ),
        ("nodejs22.x", "index.handler", "exports.other = 1", "index.js", false),
        ("nodejs22.x", "index.handler", "const handler = 1", "index.js", false),
        ("nodejs22.x", "index.handler", "exports.handler = 1", "app.js", false),
        ("ruby3.4", "app.handler", "def handler(event:, context:)\nend", "app.rb", true),
        ("ruby3.4", "app.Mod::Fn.process", "def self.process(event:, context:)\nend", "app.rb", true),
        ("ruby3.4", "app.handler", "require_relative 'lib/main'", "app.rb", true),
        ("ruby3.4", "app.Fn.process", "alias_method :process, :call", "app.rb", true),
        ("ruby3.4", "app.handler", "require 'json'\ndef other; end", "app.rb", false),
        ("ruby3.4", "app.handler", "def other; end", "app.rb", false),
        ("java21", "com.example.Fn::handleRequest", "x", "com/example/Fn.class", true),
        ("java21", "com.example.Fn", "..com/example/Gn.class..", "lib/fn.jar", false),
        ("dotnet8", "Fn::Fn.Function::Handle", "x", "Fn.dll", true),
        ("dotnet8", "Fn::Fn.Function::Handle", "x", "Gn.dll", false),
        ("dotnet8", "Fn::Handle", "x", "Fn.dll", false),
        ("provided.al2023", "any", "#!/bin/sh", "bootstrap", true),
        ("provided.al2023", "any", "echo no interpreter", "bootstrap", false),
        ("go1.x", "any", "#!/bin/sh", "main", false), ("go1.x", "main", "#!/bin/sh", "main", true),
        (
            "nodejs22.x", "index.handler", "const a = require('./a')\nmodule.exports = { b: { c }, ...a };",
            "index.js",
            true
        ),
        ("nodejs22.x", "./dist/index.handler", "exports.handler = 1", "dist/index.js", true),
        ("nodejs22.x", "index.handler", "module.exports = { a: f(...b) };", "index.js", false),
    ])
    func `looks for the handler`(
        runtime: String, handler: String, text: String, file: String, isThere: Bool
    ) throws {
        let app = try LambdaApp(
            "mkdir -p \"$(dirname '\(file)')\"; touch other; cat > '\(file)' <<'END'\n\(text)\nEND\nchmod +x '\(file)'"
        )
        let checks = LambdaChecks(handler: handler, runtime: LambdaRuntime(runtime))
        guard isThere else {
            #expect(try app.refusal(checks).code == .badHandler)
            return
        }
        try app.package(checks)
    }

    @Test(arguments: [
        ("com.example.Fn::handleRequest", true), ("example.Fn", false), ("Fn", false),
        ("com.example.F", false),
    ])
    func `a class in a jar has its whole name`(handler: String, isThere: Bool) throws {
        let app = try LambdaApp(
            "mkdir -p lib k/com/example; echo > k/com/example/Fn.class; cd k; zip -qr ../lib/fn.jar com; rm -r com"
        )
        let checks = LambdaChecks(handler: handler, runtime: LambdaRuntime("java21"))
        guard isThere else {
            #expect(try app.refusal(checks).code == .badHandler)
            return
        }
        try app.package(checks)
    }

    @Test func `a class is looked for where Java looks`() throws {
        let app = try LambdaApp(
            """
            mkdir -p lib deps k/com; echo > k/com/Fn.class; cd k; zip -qr ../deps/fn.jar com; cd ..; rm -r k
            echo > note.txt; ln -s ../note.txt lib/note.jar
            """)
        let checks = LambdaChecks(handler: "com.Fn", runtime: LambdaRuntime("java21"))
        let error = try app.refusal(checks)
        #expect(
            error.description.contains(
                "com/Fn.class is in deps/fn.jar, and Java looks into the jars of lib alone"))
        let slashes = LambdaChecks(handler: "com/Fn", runtime: LambdaRuntime("java21"))
        #expect(try app.refusal(slashes).description.contains("package.Class::method"))
        try app.scratch.sh("ln -s ../deps/fn.jar app/lib/fn.jar")
        try app.package(checks)
    }

    @Test(arguments: [
        ("nodejs22.x", "index.handler", "index.js"), ("python3.13", "app.handler", "app.py"),
        ("java21", "com.example.Fn", "lib/fn.jar"),
    ])
    func `a handler behind a link is not looked into`(runtime: String, handler: String, file: String) throws {
        let app = try LambdaApp("mkdir lib dist; echo > dist/x; ln -s \"$PWD/dist/x\" '\(file)'")
        try app.package(LambdaChecks(handler: handler, runtime: LambdaRuntime(runtime)))
    }

    @Test(
        arguments: [
            ("ln -s src pkg", "python3.13", "pkg.app.handler", nil),
            ("ln -s src pkg", "nodejs22.x", "pkg/index.handler", nil),
            ("ln -s a/../src pkg; mkdir a", "python3.13", "pkg.app.handler", nil),
            ("ln -s src/app.py main.py", "python3.13", "main.handler", nil),
            ("ln -s src/app.py main.py", "python3.13", "main.nope", "main.py has no nope"),
            ("ln -s gone main.py", "python3.13", "main.handler", "none of"),
            ("ln -s main.py main.py", "python3.13", "main.handler", "none of"),
            ("ln -s src main.py", "python3.13", "main.handler", "none of"),
            ("ln -s x bootstrap; echo text > x; chmod +x x", "provided.al2023", "any", "neither a program"),
            ("ln -s x bootstrap; echo '#!/bin/sh' > x", "provided.al2023", "any", "not executable"),
            ("ln -s gone bootstrap", "provided.al2023", "any", "not at the top"),
            ("ln -s /opt/bootstrap bootstrap", "provided.al2023", "any", nil),
            ("echo x > handler.py; echo 'exports.handler = 1' > handler.js", nil, "handler.handler", nil),
        ] as [(String, String?, String, String?)])
    func `handlers are found where links lead`(
        script: String, runtime: String?, handler: String, reason: String?
    ) throws {
        let app = try LambdaApp(
            "mkdir src; echo 'def handler(e, c): pass' > src/app.py; echo 'exports.handler = 1' > src/index.js; \(script)"
        )
        let checks = LambdaChecks(handler: handler, runtime: runtime.flatMap { LambdaRuntime($0) })
        guard let reason else {
            try app.package(checks)
            return
        }
        let error = try app.refusal(checks)
        #expect(error.code == .badHandler && error.description.contains(reason), "\(error)")
    }

    @Test func `without a handler nobody knows what Go's own runtime starts`() throws {
        try LambdaApp("touch main").package(LambdaChecks(runtime: LambdaRuntime("go1.x")))
    }

    @Test func `a bootstrap has to be executable`() throws {
        let app = try LambdaApp("echo '#!/bin/sh' > bootstrap")
        let checks = LambdaChecks(runtime: LambdaRuntime("provided.al2"))
        #expect(try app.refusal(checks).description.contains("not executable"))
        try app.scratch.sh("chmod +x app/bootstrap")
        try app.package(checks)
    }

    @Test(arguments: [
        "python3.13", "nodejs22.x", "nodejs6.10", "ruby3.4", "java8", "java8.al2", "java21", "dotnet8",
        "dotnetcore3.1",
        "provided", "provided.al2", "provided.al2023", "go1.x",
    ])
    func `knows runtimes`(identifier: String) { #expect(LambdaRuntime(identifier) != nil) }

    @Test(arguments: [
        "python", "pythonx", "perl5", "", "nodejs", "go2", "python3.113.9.x", "pythoncobra", "nodejs22",
        "python3",
        "java", "dotnet", "dotnetcore", "provided.al3", "go1.", "java21.x",
    ])
    func `knows no other runtimes`(identifier: String) {
        #expect(LambdaRuntime(identifier) == nil)
    }

    @Test func `refuses more than Lambda unpacks, with the largest files`() throws {
        let app = try LambdaApp(
            "truncate -s 262144001 big; for i in 1 2 3 4 5 6 7 8 9 10 11; do truncate -s ${i}000 f$i; done")
        let error = try app.refusal()
        #expect(error.code == .packageTooLarge)
        let lines = error.description.split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(
            lines.dropFirst() == [
                "262144001 big", "11000 f11", "10000 f10", "9000 f9", "8000 f8", "7000 f7", "6000 f6",
                "5000 f5",
                "4000 f4", "3000 f3",
            ])
        let summary = try app.package(LambdaChecks(ignoresLimits: true))
        #expect(summary.warnings.count == 1)
    }

    @Test func `what is far too much is told without being read`() throws {
        // It would take hours.
        let app = try LambdaApp(
            "for i in 1 2 3 4; do truncate -s ${i}T f$i; done; echo 1 > zz; ln -s f1 link; truncate -s 2M a")
        let error = try app.refusal()
        #expect(error.code == .packageTooLarge)
        #expect(error.description.contains("10995118374916 bytes unpacked"))
        let lines = error.description.split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(
            lines.dropFirst() == [
                "4398046511104 f4", "3298534883328 f3", "2199023255552 f2", "1099511627776 f1", "2097152 a",
                "2 link", "2 zz",
            ])
    }

    @Test func `exactly as much as Lambda unpacks is packed`() throws {
        let app = try LambdaApp("truncate -s 131072000 a b")
        #expect(try app.package().unpackedByteCount == 262_144_000)
    }

    @Test func `warns beyond what Lambda takes directly`() throws {
        let app = try LambdaApp("head -c 52500000 /dev/urandom > noise")
        let summary = try app.package()
        #expect(summary.warnings.count == 1 && summary.warnings[0].contains("upload it to S3"))
    }

    @Test func `an exclusion that excludes nothing is told`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir -p app/tests; touch app/a app/b app/tests/t")
        let package = LambdaPackage(
            directory: scratch.path.appending("app"),
            exclude: ["tests", "tests/", "gone", "b", "*.c", "tests/**/*"])
        #expect(
            try package.write(to: scratch.path.appending("x.zip")).warnings == [
                "the exclusion tests names a directory and leaves nothing out; write tests/**/* for its content",
                "the exclusion tests/ names a directory and leaves nothing out; write tests/**/* for its content",
                "nothing has the name of the exclusion gone",
            ])
        #expect(try scratch.sh("unzip -Z1 x.zip") == "a\n")
    }

    @Test func `a bootstrap's first line may not end as on Windows`() throws {
        let app = try LambdaApp("printf '#!/bin/sh\\r\\necho\\r\\n' > bootstrap; chmod +x bootstrap")
        let error = try app.refusal(LambdaChecks(handler: "x", runtime: LambdaRuntime("provided.al2023")))
        #expect(error.description.contains("ends as on Windows"))
    }

    @Test func `leaves out what the ignore file lists`() throws {
        let app = try LambdaApp(
            """
            mkdir -p tests/unit src; touch app.py .env tests/unit/t.py src/a.pyc src/b.py keep.log drop.log
            printf '%s\\n' '# comment' '*.pyc' tests/ .env '*.log' '!keep.log' > .lambdaignore
            """)
        try app.package()
        #expect(try app.names() == ["app.py", "keep.log", "src/b.py"])
    }

    @Test func `says what is left when everything is left out`() throws {
        let app = try LambdaApp("touch a; echo '*' > .lambdaignore")
        #expect(try app.refusal().code == .noFiles)
    }
}
