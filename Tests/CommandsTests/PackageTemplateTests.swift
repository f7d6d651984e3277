import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `buildspec package template` against moto, and beside `aws cloudformation package`.
@Suite(.motoServer) struct PackageTemplateTests {
    private static let data = FilePath(#filePath).removingLastComponent().appending("Templates")

    @Test func `templates mean what the AWS CLI makes of them`() async throws {
        let moto = try MotoServer.required()
        try await withProject { project in
            var environment = moto.environment
            environment["HOME"] = project.scratch.path.string
            environment["AWS_MAX_ATTEMPTS"] = "5"
            let script = try String(
                contentsOfFile: Self.data.appending("compare.py").string, encoding: .utf8)
            let output = try await PythonEnvironment().run(
                "__file__ = \(Self.literal(Self.data.appending("compare.py").string))\n" + script,
                arguments: [project.binary.executable.string, project.scratch.path.string],
                environment: environment)
            #expect(output == "10 templates\n")
        }
    }

    private static func literal(_ text: String) -> String { "'" + text + "'" }

    @Test func `nothing but the changed values differs from the template`() async throws {
        try await withTemplate { fixture in
            let template = """
                # A comment at the top
                Resources:
                    Hello:   # odd indentation, and a comment
                        Type: AWS::Lambda::Function
                        Properties:
                            Code:    src    # the code
                            Role: !GetAtt   Role.Arn
                            Environment: {Variables: {A: !Sub "${B}"}}
                    Other: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: "src", Handler: a.b}} # flow

                # the end
                """
            try fixture.project.scratch.write(template + "\n", to: "app/t.yaml")
            #expect(try await fixture.package().status == 0)
            let key = try await fixture.keys()[0]
            let expected = template.replacing(
                "Code:    src    #",
                with: "Code:\n                  S3Bucket: \(fixture.bucket)\n"
                    + "                  S3Key: \(key)    #"
            ).replacing("CodeUri: \"src\"", with: "CodeUri: \"s3://\(fixture.bucket)/\(key)\"")
            let found = String(decoding: try fixture.project.scratch.read("app/out.yaml"), as: UTF8.self)
            // Indentation below a key is two blanks, whatever the template's own is.
            #expect(found.filter { $0 != " " } == (expected + "\n").filter { $0 != " " })
            #expect(found.contains("            Code:\n              S3Bucket: "))
        }
    }

    @Test func `one listing tells that nothing has changed`() async throws {
        try await withTemplate { fixture in
            try fixture.write(
                """
                    Type: AWS::Lambda::Function
                    Properties: {Code: src}
                  G:
                    Type: AWS::Lambda::Function
                    Properties: {Code: other}
                """)
            try fixture.project.scratch.write("y=1\n", to: "app/other/app.py")
            // What was changed just now is not believed to be unchanged.
            let sh = FilePath("/bin/sh")
            #expect(try await fixture.project.tool(sh, "-c", "touch -d 2001-01-01 */*.py").status == 0)
            #expect(try await fixture.package().status == 0)
            try await FaultProxy.run([], upstream: fixture.moto.endpointURL) { proxy in
                let outcome = try await fixture.package(["--endpoint-url", proxy.endpointURL])
                #expect(outcome.standardError.contains("0 uploaded to \(fixture.bucket), 2 unchanged"))
                #expect(try await proxy.requests().map(\.method) == ["GET"])
            }
        }
    }

    @Test func `only what changed is uploaded, and that is`() async throws {
        try await withTemplate { fixture in
            let sh = FilePath("/bin/sh")
            func keys(after command: String) async throws -> Set<String> {
                #expect(try await fixture.project.tool(sh, "-c", command).status == 0)
                let outcome = try await fixture.package()
                #expect(outcome.status == 0, "\(outcome)")
                return Set(try await fixture.keys())
            }
            let first = try await keys(after: "ln -s nowhere src/dangling; ln -s app.py src/link")
            #expect(first.count == 1)
            // None of these is a change.
            let unchanged = [
                "true", "touch src/app.py; touch -d 2001-01-01 src", "chmod 600 src/app.py",
                "cp -a src copy && rm -r src && mkdir src && cp -P copy/link copy/dangling copy/app.py src",
                "rm -rf ../home/.cache", "mkdir -p src/empty",
            ]
            for command in unchanged { #expect(try await keys(after: command) == first, "\(command)") }
            // Each of these is one.
            let changes = [
                "chmod +x src/app.py", "chmod -x src/app.py; ln -sfn elsewhere src/dangling",
                "mv src/link src/renamed", "printf 'x=2\\n' > src/app.py", "printf 'x=3\\n' > src/app.py",
                "touch -r src/app.py stamp; printf 'x=4\\n' > src/app.py; touch -r stamp src/app.py",
                "touch src/.hidden",
            ]
            var seen = first
            for command in changes {
                let now = try await keys(after: command)
                #expect(now.count == seen.count + 1 && now.isSuperset(of: seen), "\(command)")
                seen = now
            }
        }
    }

    @Test func `links are kept, and what lies outside is stored`() async throws {
        try await withTemplate { fixture in
            let command = """
                mkdir -p outside/deep src/sub; echo shared > outside/shared.py; echo deep > outside/deep/d.py
                ln -s ../outside/shared.py src/shared.py; ln -s ../outside/deep src/deep
                ln -s "$PWD/src/app.py" src/sub/absolute; ln -s ../app.py src/sub/relative; ln -s gone src/gone
                """
            #expect(try await fixture.project.tool("/bin/sh", "-c", command).status == 0)
            #expect(try await fixture.package().status == 0)
            let listing = try await fixture.moto.boto3(
                """
                import io, zipfile
                s = client("s3")
                key = s.list_objects_v2(Bucket=sys.argv[1])["Contents"][0]["Key"]
                z = zipfile.ZipFile(io.BytesIO(s.get_object(Bucket=sys.argv[1], Key=key)["Body"].read()))
                for i in z.infolist(): print(oct(i.external_attr >> 16), i.filename, z.read(i).decode().strip())
                """, arguments: [fixture.bucket])
            #expect(
                listing == """
                    0o100644 app.py x=1
                    0o100644 deep/d.py deep
                    0o120777 gone gone
                    0o100644 shared.py shared
                    0o120777 sub/absolute ../app.py
                    0o120777 sub/relative ../app.py

                    """)
        }
    }

    @Test func `objects carry encryption and metadata, and are uploaded again when forced`() async throws {
        try await withTemplate { fixture in
            let options = [
                "--s3-prefix", "a/b", "--kms-key-id", "alias/\(fixture.bucket)", "--metadata",
                "team=gone,stage=dev", "--metadata", #"{"team": "x", "list": "a=1,b"}"#, "--metadata",
                #"quoted="x,y", note = 'it\'s' ,comma=a\,b\c=d,slash="\\\"""#,
            ]
            #expect(try await fixture.package(options).status == 0)
            let key = try await fixture.keys()[0]
            #expect(key.hasPrefix("a/b/") && key.count == 36)
            let object = try await StoredObject.fetch(fixture.moto, fixture.bucket, key)
            #expect(object.encryption == "aws:kms")
            // As `awscli.shorthand` reads them.
            #expect(
                object.metadata == [
                    "team": "x", "stage": "dev", "list": "a=1,b", "quoted": "x,y", "note": "it's",
                    "comma": #"a,b\c=d"#, "slash": #"\""#,
                ])
            #expect(try await fixture.package(options).standardError.contains("0 uploaded"))
            #expect(
                try await fixture.package(options + ["--force-upload"]).standardError.contains("1 uploaded"))
        }
    }

    @Test(arguments: [
        ("Code: gone", "t.yaml:4:24: Code of F: gone does not exist"),
        ("Code: [a]", "t.yaml:4:24: Code of F: a path is text, and this is a list"),
        ("Code: /dev/null", "t.yaml:4:24: Code of F: /dev/null is neither a file nor a directory"),
        ("Code: loop", "t.yaml:4:24: Code of F: loop cannot be reached: Too many levels of symbolic links"),
        ("Code: dangling/x", "t.yaml:4:24: Code of F: dangling/x does not exist"),
        ("Code: dangling", "t.yaml:4:24: Code of F: dangling is a link that leads nowhere"),
        ("Code: https://a/b.zip", "t.yaml:4:24: Code of F: https://a/b.zip is no object of S3 by its name"),
        ("Code: s3://bucket", "t.yaml:4:24: Code of F: s3://bucket does not exist"),
    ])
    func `a path that leads nowhere is named with its place`(code: String, message: String) async throws {
        try await withTemplate { fixture in
            for link in ["loop", "dangling"] {
                let target = link == "loop" ? "loop" : "gone"
                symlink(target, fixture.project.directory.appending(link).string)
            }
            try fixture.write("    Type: AWS::Lambda::Function\n    Properties: {\(code)}")
            let outcome = try await fixture.package()
            #expect(outcome.status == 1)
            #expect(
                outcome.standardError.contains("buildspec: error: \(message)"), "\(outcome.standardError)")
            #expect(try await fixture.keys().isEmpty)
            #expect(!fixture.exists("out.yaml"))
        }
    }

    @Test func `of two resources with one name the last is packaged`() async throws {
        try await withTemplate { fixture in
            try fixture.write(
                """
                    Type: AWS::Lambda::Function
                    Properties: {Code: gone}
                  F:
                    Type: AWS::Lambda::Function
                    Properties: {Code: {S3Bucket: good, S3Key: good.zip}}
                """)
            let outcome = try await fixture.package()
            #expect(outcome.status == 0, "\(outcome)")
            let found = String(decoding: try fixture.project.scratch.read("app/out.yaml"), as: UTF8.self)
            #expect(found.contains("Code: gone") && found.contains("S3Bucket: good"))
            #expect(try await fixture.keys().allSatisfy(\.isEmpty))
        }
    }

    @Test func `no alias is left, not even in a nested template`() async throws {
        try await withTemplate { fixture in
            try fixture.write(
                """
                    Type: AWS::CloudFormation::Stack
                    Properties: {TemplateURL: nested.yaml, Tags: &tags [{Key: a, Value: b}]} # kept
                  G:
                    Type: AWS::SNS::Topic
                    Properties: {Tags: *tags}
                """)
            try fixture.project.scratch.write(
                "Resources:\n  A: &a {Type: AWS::SNS::Topic}\n  B: *a\n", to: "app/nested.yaml")
            #expect(try await fixture.package().status == 0)
            let found = String(decoding: try fixture.project.scratch.read("app/out.yaml"), as: UTF8.self)
            #expect(found.contains("Properties: {Tags: [{Key: a, Value: b}]}") && found.contains("# kept"))
            let key = try #require(try await fixture.keys().first)
            let nested = try await fixture.moto.boto3(
                "print(boto3.client('s3').get_object(Bucket=sys.argv[1], Key=sys.argv[2])['Body'].read().decode())",
                arguments: [fixture.bucket, key])
            let wanted = "Resources:\n  A: {Type: AWS::SNS::Topic}\n  B: {Type: AWS::SNS::Topic}\n\n"
            #expect(nested == wanted)
        }
    }

    @Test func `templates in a circle, broken ones and missing buckets are told`() async throws {
        try await withTemplate { fixture in
            try fixture.write("    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: t.yaml}")
            var outcome = try await fixture.package()
            #expect(
                outcome.status == 1 && outcome.standardError.contains("is nested in itself"),
                "\(outcome.standardError)")
            try fixture.write("    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ''}")
            outcome = try await fixture.package()
            #expect(
                outcome.status == 1 && outcome.standardError.contains("TemplateURL of F: it is empty"),
                "\(outcome.standardError)")
            for text in ["", "- a\n", "a: [\n", "a: 1\n---\nb: 2\n", "\u{1}"] {
                try fixture.project.scratch.write(text, to: "app/t.yaml")
                outcome = try await fixture.package()
                #expect(
                    outcome.status == 1 && outcome.standardError.contains("t.yaml"),
                    "\(outcome.standardError)")
            }
            try fixture.write("    Type: AWS::Lambda::Function\n    Properties: {Code: src}")
            outcome = try await fixture.package(["--s3-bucket", "is-not-there"])
            #expect(
                outcome.status == 3
                    && outcome.standardError.contains("the bucket is-not-there does not exist"))
            #expect(outcome.standardError.contains("aws s3 mb s3://is-not-there"))
            outcome = try await fixture.project.buildspec(
                ["package", "template", "none.yaml", "--s3-bucket", "bucket"])
            #expect(outcome.status == 2)
            outcome = try await fixture.package(environment: [
                "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
            ])
            #expect(
                outcome.status == 3 && outcome.standardError.contains("credentials"),
                "\(outcome.standardError)")
            #expect(!fixture.exists("out.yaml"))
            #expect(try fixture.project.files(below: "app").sorted() == ["src/app.py", "t.yaml"])
        }
    }

    @Test func `the result is no part of the code, and neither are records of builds`() async throws {
        try await withTemplate { fixture in
            try fixture.write("    Type: AWS::Lambda::Function\n    Properties: {Code: .}")
            #expect(try await fixture.package().status == 0)
            try fixture.project.scratch.write("log", to: "app/.buildspec/builds/log")
            #expect(try await fixture.package().standardError.contains("0 uploaded"))
            #expect(try await fixture.keys().count == 1)
        }
    }

    @Test func `unquoted scalars become the JSON that they mean to the AWS CLI`() async throws {
        try await withProject { project in
            let scalars = [
                "~", "null", "Null", "nULL", "yes", "No", "ON", "off", "y", "true", "TRUE", "tRUE", "0", "-0",
                "7",
                "-12", "+3", "010", "018", "0x1f", "0b101", "1_000", "0.5", ".5", "5.", "1e5", "1.0e5",
                "1.0e+5",
                "-1.5", "1:30", "1:99", "190:20:30", "123456789012", "012345678901", "1.2.3", "a", "-", "+",
                "3.10",
                "0o17", "_1", "1__0", "99999999999999999999", "arn:aws:s3:::b", "10.0.0.0/16", "!Ref A",
                "!GetAtt A.B.C",
                "1.0E+5", "190:20:30.15", "-1:30.5", "1_0:30", "1:3_0", "12:30:45.", "+.5", "-.5", "._5",
                "1._5", "1.e+3",
                ".5e-3", "1.5e-1_0", "1.5e+", "0.", "-0.0", "٣", "!Sub '1'", "!Ref 5", "[a, 1]", "{a: 1}",
                "'1'", "!!int '5'", "!!int \"0x1F\"", "!!int '1_000'", "!!float '5'", "!!float 5",
                "!!float '1e3'",
                "!!float -1.5", "!!float '1e20'", "!!float '1:30.5'", "!!bool 'yes'", "!!bool \"True\"",
                "!!bool no",
                "!!null ''", "!!null x", "!!str 123", "!!str yes", "!!str", "! 12", "! '12'", "! yes",
                "!!map {a: 1}",
                "!!seq [1]", "!<tag:yaml.org,2002:int> '7'", "!!str 2012-10-17", "'2012-10-17'", "'.inf'",
            ]
            let text = "Metadata:\n" + scalars.map { "  - \($0)\n" }.joined()
            try project.scratch.write(text, to: "app/t.yaml")
            let outcome = try await project.buildspec([
                "package", "template", "t.yaml", "--s3-bucket", "any", "--use-json",
            ])
            #expect(outcome.status == 0, "\(outcome)")
            let script = """
                import json, sys
                from awscli.customizations.cloudformation.yamlhelper import yaml_parse
                expected, found = yaml_parse(open(sys.argv[1]).read()), json.loads(sys.stdin.read())
                for one, two in zip(expected["Metadata"], found["Metadata"], strict=True):
                    if (type(one), one) != (type(two), two) and not isinstance(one, dict): print(repr(one), repr(two))
                    if isinstance(one, dict) and one != two: print(repr(one), repr(two))
                """
            let differences = try await PythonEnvironment().run(
                script, arguments: [project.directory.appending("t.yaml").string],
                input: outcome.standardOutput)
            #expect(differences == "")
        }
    }

    @Test func `values that a shared anchor has written anew mean what they meant`() async throws {
        try await withTemplate { fixture in
            let scalars = [
                "'2012-10-17'", "'2012-10-17T00:00:00Z'", "2012-10-17", "'2012-1-1 1:02:03'", "!!int '5'",
                "!!float '5'", "!!float '1e20'", "!!bool 'on'", "!!null ''", "!!str 5", "! '12'",
                "!!binary aGVsbG8=",
                "!!timestamp '2001-12-14'", "!!set {a, b}", "!!pairs [a: 1]", ".inf", "'.inf'", "-.INF",
                "'1.0e+400'",
                "1.0e+400", "'0x1F'", "'1:30'", "'1_000'", "'~'", "'<<'", "'='",
                "{200: a, '300': b, yes: c, 'no': d}",
                #""\x85\u2028 \u2029\uFEFF\x01\x9F""#, "\"😀 \\U0001F600\"", "|+\n    x\n      y\n",
                "!Sub '5'",
            ]
            let text =
                "Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {Code: &x src, Description: *x}}}\n"
                + "Metadata:\n" + scalars.map { "  - \($0)\n" }.joined()
            try fixture.project.scratch.write(text, to: "app/t.yaml")
            #expect(try await fixture.package().status == 0)
            let script = """
                import sys
                from awscli.customizations.cloudformation.yamlhelper import yaml_parse
                one, two = (yaml_parse(open(path).read())["Metadata"] for path in sys.argv[1:])
                for before, after in zip(one, two, strict=True):
                    if repr(before) != repr(after) and before != after: print(repr(before), repr(after))
                    elif type(before) != type(after): print(repr(before), repr(after))
                """
            let directory = fixture.project.directory
            let differences = try await PythonEnvironment().run(
                script,
                arguments: [directory.appending("t.yaml").string, directory.appending("out.yaml").string])
            #expect(differences == "")
        }
    }

    @Test func `a template without local code needs no bucket and no credentials`() async throws {
        try await withProject { project in
            let text = "Resources:\n  T: {Type: 'AWS::SNS::Topic'} # nothing\n"
            try project.scratch.write(text, to: "app/t.yaml")
            let outcome = try await project.buildspec(["package", "template", "t.yaml", "--s3-bucket", "any"])
            #expect(outcome.status == 0 && outcome.standardOutput == text)
        }
    }

    @Test func `properties that the AWS CLI leaves alone are named, or packaged when asked`() async throws {
        try await withTemplate { fixture in
            try fixture.write(
                "    Type: AWS::AppSync::Resolver\n    Properties: {CodeS3Location: src/app.py}")
            var outcome = try await fixture.package()
            #expect(outcome.status == 0 && outcome.standardError.contains("--all-properties uploads it"))
            #expect(try await fixture.keys().isEmpty)
            outcome = try await fixture.package(["--all-properties"])
            #expect(outcome.status == 0)
            let key = try await fixture.keys()[0]
            let text = String(decoding: try fixture.project.scratch.read("app/out.yaml"), as: UTF8.self)
            #expect(text.contains("{CodeS3Location: s3://\(fixture.bucket)/\(key)}"))
        }
    }
}
