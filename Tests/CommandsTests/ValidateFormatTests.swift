import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `validate` in all its formats: findings on standard output, and nothing else there.
@Suite struct ValidateFormatTests {
    private static let bad = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo \"Tag: 1\"\n"
    private static let good = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
    private static let doubtful = good + "buidl: 1\n"

    private func validate(
        _ arguments: [String], environment: [String: String] = [:], input: String = "",
        _ files: [String: String] = ["bad.yml": bad, "good.yml": good, "doubtful.yml": doubtful]
    ) async throws -> Program.Outcome {
        try await withProject { project in
            for (name, text) in files { try project.scratch.write(text, to: "app/" + name) }
            return try await project.buildspec(
                ["validate"] + arguments, environment: environment, input: input)
        }
    }

    @Test(
        arguments: [
            ("text", "bad.yml:5:9: error: "), ("json", "[\n  {\"file\":\"bad.yml\",\"line\":5,"),
            ("sarif", "{\"$schema\":"),
            ("github", "::error file=bad.yml,line=5,endLine=5,col=9,endColumn=22,"),
        ])
    func `findings are on standard output, and the status says that there are errors`(
        _ format: String, _ beginning: String
    ) async throws {
        let outcome = try await validate(["--format", format, "bad.yml"])
        #expect(outcome.status == 1 && outcome.standardError == "")
        #expect(outcome.standardOutput.hasPrefix(beginning), "\(outcome.standardOutput)")
        #expect(outcome.standardOutput.contains("BS204"))
    }

    @Test func `without a format it is text, and workflow commands within GitHub Actions`() async throws {
        let inActions = ["GITHUB_ACTIONS": "true"]
        #expect(try await validate(["bad.yml"]).standardOutput.hasPrefix("bad.yml:5:9: error: "))
        #expect(try await validate(["bad.yml"], environment: inActions).standardOutput.hasPrefix("::error "))
        let asked = try await validate(["bad.yml", "--format", "text"], environment: inActions)
        #expect(asked.standardOutput.hasPrefix("bad.yml:5:9: error: "))
        let elsewhere = try await validate(["bad.yml"], environment: ["GITHUB_ACTIONS": "false"])
        #expect(elsewhere.standardOutput.hasPrefix("bad.yml:5:9: error: "))
    }

    @Test(arguments: [("text", ""), ("json", "[]\n"), ("github", "")])
    func `a valid file gives an empty answer`(_ format: String, _ output: String) async throws {
        let outcome = try await validate(["--format", format, "good.yml", "good.yml"])
        #expect(outcome.status == 0 && outcome.standardError == "" && outcome.standardOutput == output)
    }

    @Test(arguments: ["text", "json", "sarif", "github"])
    func `warnings fail only when asked to`(_ format: String) async throws {
        let lenient = try await validate(["--format", format, "doubtful.yml"])
        let strict = try await validate(["--format", format, "--strict", "doubtful.yml"])
        #expect(lenient.status == 0 && strict.status == 1)
        #expect(lenient.standardOutput == strict.standardOutput && lenient.standardOutput.contains("BS207"))
    }

    @Test func `standard input has a name in every format`() async throws {
        let names = [
            ("text", "<stdin>:5:9"), ("json", "\"file\":\"-\""), ("sarif", "\"uri\":\"stdin\""),
            ("github", "file=stdin,"),
        ]
        for (format, name) in names {
            let outcome = try await validate(["--format", format, "-"], input: Self.bad)
            #expect(outcome.status == 1 && outcome.standardOutput.contains(name), "\(outcome)")
        }
    }

    @Test(arguments: ["text", "json", "sarif", "github"])
    func `files that cannot be read are told about on standard error, after all findings`(
        _ format: String
    ) async throws {
        let outcome = try await validate(["--format", format, "gone.yml", "bad.yml", "missing.yml"])
        #expect(outcome.status == 2)
        let errors = outcome.standardError.split(separator: "\n")
        #expect(
            errors.count == 2 && errors.allSatisfy { $0.hasPrefix("buildspec: error: validate ") },
            "\(errors)")
        #expect(errors.map { $0.contains("gone.yml") } == [true, false])
        #expect(outcome.standardOutput.contains("BS204"))
        if format == "sarif" { #expect(outcome.standardOutput.contains("\"executionSuccessful\":false")) }
    }

    @Test func `an unknown format is a wrong invocation`() async throws {
        let outcome = try await validate(["--format", "xml", "good.yml"])
        #expect(outcome.status == 2 && outcome.standardOutput == "")
        #expect(outcome.standardError.contains("'text', 'json', 'sarif' or 'github'"))
    }

    @Test func `JSON about several files is one document that others can read`() async throws {
        let outcome = try await validate(["--format", "json", "bad.yml", "good.yml", "doubtful.yml"])
        let found = try await PythonEnvironment().run(
            "import json, sys; print([(f['file'], f['code'], f['line']) for f in json.load(sys.stdin)])",
            input: outcome.standardOutput)
        #expect(found == "[('bad.yml', 'BS204', 5), ('doubtful.yml', 'BS207', 6)]\n")
    }

    @Test func `SARIF follows the OASIS schema, whatever the files are called and hold`() async throws {
        let odd = "we ird%,:é\u{1B}\n.yml"
        let files = [
            "bad.yml": Self.bad, "good.yml": Self.good,
            odd: "\"\u{202E}: [x](http://example.com)\n" + Self.doubtful,
            "twice.yml": Self.good + "phases:\n  build:\n    commands: [a]\n", "nothing.yml": "",
        ]
        try await withProject { project in
            for (name, text) in files { try project.scratch.write(text, to: "app/" + name) }
            let arguments = files.keys.sorted() + [project.directory.appending("bad.yml").string, "-"]
            let found = [
                "bad.yml", "file://\(project.directory)/bad.yml", "nothing.yml", "stdin", "twice.yml",
                "we%20ird%25%2C%3A%C3%A9%1B%0A.yml",
            ]
            for (names, uris) in [(arguments, found), (["good.yml"], []), (["missing.yml"], [])] {
                let outcome = try await project.buildspec(
                    ["validate", "--format", "sarif"] + names, input: names.contains("-") ? Self.bad : "")
                let report = try await PythonEnvironment().run(
                    Self.sarifCheck, input: outcome.standardOutput)
                #expect(
                    report.split(separator: "\n") == ["no errors"] + uris.map { $0[...] },
                    "\(outcome.standardOutput)")
            }
        }
    }

    /// The schema is data of a package in the tests' environment; the checksum is that of the document at
    /// docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas, so that a check against less cannot pass.
    private static let sarifCheck = """
        import hashlib, importlib.util, json, pathlib, sys
        from jsonschema import Draft4Validator, FormatChecker
        assert {"uri", "uri-reference"} <= set(FormatChecker().checkers)
        package = pathlib.Path(importlib.util.find_spec("linceo").origin).parent
        text = (package / "data" / "sarif-schema-2.1.0.json").read_bytes()
        checksum = hashlib.sha256(text).hexdigest()
        assert checksum == "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e", checksum
        document = json.load(sys.stdin)
        validator = Draft4Validator(json.loads(text), format_checker=FormatChecker())
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
        print("\\n".join(errors) or "no errors")
        run, = document["runs"]
        for result in run["results"]:
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        broken = json.loads(json.dumps(document).replace('"level"', '"leval"'))
        assert not run["results"] or not validator.is_valid(broken), "the schema accepts anything"
        uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}
        print("\\n".join(sorted(uris)))
        """

    @Test func `hundreds of files at once are no trouble`() async throws {
        try await withProject { project in
            let names = (0..<500).map { "f\($0).yml" }
            for name in names { try project.scratch.write(Self.bad, to: "app/" + name) }
            for format in ["text", "json", "sarif", "github"] {
                let outcome = try await project.buildspec(["validate", "--format", format] + names)
                #expect(outcome.status == 1)
                #expect(outcome.standardOutput.split(separator: "\n").count { $0.contains("BS204") } >= 500)
            }
        }
    }
}
