import SystemPackage
import TestSupport
import Testing

/// Templates of unusual or wrong shape, and services that refuse.
@Suite(.motoServer) struct TemplateShapeTests {
    @Test func `what JSON escapes as pairs of surrogates is kept, and followed`() async throws {
        try await withTemplate { fixture in
            let includes = ["\\ud83d\\ude00", "\\ud83d\\ude01"].map {
                #""\#($0)": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "\#($0).yaml"}}}"#
            }
            try fixture.project.scratch.write(
                """
                {"Metadata": {"x": 1}, "Resources": {
                  "T": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": {\(includes.joined(separator: ", "))}, "DisplayName": "\\ud83d\\ude80 go"}},
                  "F": {"Type": "AWS::Lambda::Function", "Properties": {"Code": "d/\\ud83d\\ude00"}}}}
                """, to: "app/t.yaml")
            try fixture.project.scratch.write("1", to: "app/d/😀/a.py")
            try fixture.project.scratch.write("A: 1\n", to: "app/😀.yaml")
            try fixture.project.scratch.write("B: 1\n", to: "app/😁.yaml")
            for options in [[], ["--use-json"]] {
                let outcome = try await fixture.package(options)
                #expect(outcome.status == 0, "\(outcome.standardError)")
                let seen = try await fixture.project.tool(
                    "/usr/bin/python3", "-c",
                    """
                    import json
                    r = json.load(open("out.yaml"))["Resources"]
                    tags = r["T"]["Properties"]["Tags"]
                    print(ascii([sorted(tags), r["T"]["Properties"]["DisplayName"], sorted(r["F"]["Properties"]["Code"])]))
                    print(len({t["Fn::Transform"]["Parameters"]["Location"] for t in tags.values()}))
                    """)
                #expect(
                    seen.standardOutput
                        == "[['\\U0001f600', '\\U0001f601'], '\\U0001f680 go', ['S3Bucket', 'S3Key']]\n2\n")
            }
        }
    }

    @Test(arguments: [
        (
            "Resources: [{Type: AWS::Lambda::Function, Properties: {Code: src}}]\n",
            "t.yaml:1:12: Resources: it is to be a map, and this is a list"
        ),
        ("Resources:\n", "t.yaml:1:11: Resources: it is to be a map, and this is nothing"),
        ("Resources: {F: }\n", "F: it is to be a map, and this is nothing"),
        (
            "Resources: {F: {Type: AWS::Lambda::Function, Properties: [Code]}}\n",
            "Properties of F: it is to be a map, and this is a list"
        ),
        (
            "Resources: {F: {Type: AWS::Glue::Job, Properties: {Command: x}}}\n",
            "Command.ScriptLocation of F: it is to be a map, and this is text"
        ),
        (
            "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: 'https://b.s3.amazonaws.com/x'}}}\n",
            "Code of F: https://b.s3.amazonaws.com/x is no object of S3 by its name"
        ),
        (
            "Globals: {Function: {CodeUri: ./srcc}}\nResources: {F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}}\n",
            "t.yaml:1:31: CodeUri of Globals.Function: ./srcc does not exist"
        ),
        (
            "Resources: {\"F\\nbuildspec: error: x\\e[31m\": {Type: AWS::Lambda::Function, Properties: {Code: gone}}}\n",
            "Code of F\\nbuildspec: error: x\\u{1b}[31m: gone does not exist"
        ),
    ])
    func `what is no template is told, on one line`(text: String, message: String) async throws {
        try await withTemplate { fixture in
            try fixture.project.scratch.write(text, to: "app/t.yaml")
            let outcome = try await fixture.package()
            #expect(outcome.status == 1)
            #expect(outcome.standardError.contains(message), "\(outcome.standardError)")
            #expect(try await fixture.keys().isEmpty)
        }
    }

    @Test func `nesting may be deep`() async throws {
        try await withTemplate { fixture in
            let deep = String(repeating: "[", count: 200) + "1" + String(repeating: "]", count: 200)
            try fixture.project.scratch.write(
                "Metadata: {M: \(deep)}\nResources: {F: {Type: AWS::Lambda::Function, Properties: {Code: src}}}\n",
                to: "app/t.yaml")
            #expect(try await fixture.package().status == 0)
        }
    }

    @Test(arguments: [
        ["--s3-bucket", "s3://ours"], ["--s3-bucket", ""], ["--endpoint-url", "notaurl"],
        ["--region", "bad_region!"],
        ["--profile", "nope"], ["--metadata", "é=b"],
        ["--metadata", "a=\"b"], ["--metadata", "a=\"b\"c"], ["--metadata", "a=b,"], ["--metadata", "=b"],
    ])
    func `what cannot be asked for is the caller's mistake`(options: [String]) async throws {
        try await withTemplate { fixture in
            let outcome = try await fixture.package(options)
            #expect(outcome.status == 2, "\(outcome.standardError)")
            #expect(!fixture.exists("out.yaml"))
        }
    }

    @Test(arguments: ["ExpiredToken", "InvalidToken", "AuthorizationHeaderMalformed"])
    func `a refusal says why, and soon`(code: String) async throws {
        let refusal = FaultProxy.Rule("", times: 999) {
            $0.status = 400
            $0.body = "<Error><Code>\(code)</Code><Message>This is why.</Message></Error>"
        }
        try await withTemplate { fixture in
            try await FaultProxy.run([refusal]) { proxy in
                let start = ContinuousClock.now
                let outcome = try await fixture.package(
                    ["--endpoint-url", proxy.endpointURL],
                    environment: ["AWS_SESSION_TOKEN": "made-up"])
                #expect(outcome.status == 3)
                #expect(outcome.standardError.contains("This is why."), "\(outcome.standardError)")
                // A person still waits.
                #expect(ContinuousClock.now - start < .seconds(15))
            }
        }
    }
}
