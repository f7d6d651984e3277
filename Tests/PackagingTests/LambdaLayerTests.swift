import Packaging
import TestSupport
import Testing

struct LambdaLayerTests {
    @Test(arguments: [
        (LambdaLayer.python, "mkdir p; touch p/m.py", ["python/p/m.py"]),
        (.python, "mkdir -p python/p; touch python/p/m.py", ["python/p/m.py"]),
        (
            .nodejs, "mkdir -p node_modules/a; touch node_modules/a/i.js package.json",
            ["nodejs/node_modules/a/i.js", "nodejs/package.json"]
        ),
        (.nodejs, "mkdir a; touch a/i.js", ["nodejs/node_modules/a/i.js"]),
        (.java, "touch a.jar", ["java/lib/a.jar"]), (.ruby, "touch a.rb", ["ruby/lib/a.rb"]),
        (
            .ruby, "mkdir -p gems/a specifications; touch gems/a/x specifications/y",
            ["ruby/gems/3.4.0/gems/a/x", "ruby/gems/3.4.0/specifications/y"]
        ),
        (.python, "mkdir python; touch python/m.py README.md", ["README.md", "python/m.py"]),
        (
            .nodejs, "mkdir -p nodejs/node_modules/a; touch nodejs/node_modules/a/i.js package.json",
            ["nodejs/node_modules/a/i.js", "package.json"]
        ),
        (.java, "mkdir lib; touch lib/a.jar", ["java/lib/a.jar"]),
        (.ruby, "mkdir -p 3.3.0/gems; touch 3.3.0/gems/x", ["ruby/gems/3.3.0/gems/x"]),
        (.ruby, "mkdir -p gems/3.4.0/gems; touch gems/3.4.0/gems/x", ["ruby/gems/3.4.0/gems/x"]),
        (.bin, "touch tool", ["bin/tool"]), (.lib, "touch l.so", ["lib/l.so"]),
    ])
    func `puts layers where runtimes look for them`(
        layer: LambdaLayer, script: String, expected: [String]
    ) throws {
        let app = try LambdaApp(script)
        try app.package(layer: layer)
        #expect(try app.names() == expected)
    }

    @Test func `what lies beside a layer's own directory is told`() throws {
        let app = try LambdaApp(
            "mkdir python lib extensions; touch python/m.py lib/l.so extensions/e README.md LICENSE")
        #expect(
            try app.package(layer: .python).warnings == [
                "LICENSE and 1 more beside python will lie in /opt itself, where no runtime looks for code"
            ])
        try app.scratch.sh("rm app/README.md app/LICENSE")
        #expect(
            try app.package(LambdaChecks(runtime: LambdaRuntime("provided.al2023")), layer: .lib).warnings
                .isEmpty)
    }

    @Test(arguments: [
        (
            LambdaLayer.ruby, "mkdir -p ruby/3.4.0/gems; touch ruby/3.4.0/gems/x",
            "package the directory ruby itself"
        ),
        (
            .ruby, "mkdir -p vendor/bundle/ruby/3.4.0/gems; touch Gemfile vendor/bundle/ruby/3.4.0/gems/x",
            "package the directory vendor/bundle/ruby itself"
        ),
        (.java, "mkdir -p com/ex; touch com/ex/H.class", "it holds no jar"),
    ])
    func `a layer that no runtime finds is told`(layer: LambdaLayer, script: String, warning: String) throws {
        let app = try LambdaApp(script)
        let warnings = try app.package(layer: layer).warnings
        #expect(warnings.count == 1 && warnings[0].contains(warning), "\(warnings)")
    }

    @Test func `a layer's links may not leave the directory either`() throws {
        let app = try LambdaApp("touch x; ln -s ../x l")
        #expect(throws: PackagingError.self) { try app.package(layer: .python) }
    }
}
