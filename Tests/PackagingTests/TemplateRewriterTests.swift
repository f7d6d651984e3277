import SystemPackage
import TestSupport
import Testing

@testable import Packaging

/// New values in the text of a template: everything else stays, byte for byte.
struct TemplateRewriterTests {
    private static let map = TemplateValue.map([
        .init(key: "S3Bucket", value: .text("b")), .init(key: "S3Key", value: .text("k")),
    ])

    struct Case: CustomTestStringConvertible, Sendable {
        var before: String
        var path = "P"
        var isMap = false
        var after: String
        var testDescription: String { before.debugDescription }
    }

    static let cases = [
        Case(before: "P: a # c\nQ: 1\n", after: "P: s3://b/k # c\nQ: 1\n"),
        Case(before: "P:   'a'\n", after: "P:   's3://b/k'\n"),
        Case(before: "P: \"a\"   \n\n# end", after: "P: \"s3://b/k\"   \n\n# end"),
        Case(before: "{Q: [1], P: a , R: b}", after: "{Q: [1], P: s3://b/k , R: b}"),
        Case(before: "P: >-\n  a\n  b\n# c\nQ: 1\n", after: "P: s3://b/k\n# c\nQ: 1\n"),
        Case(before: "P: |\n  a\n\n\nQ: 1\n", after: "P: s3://b/k\n\n\nQ: 1\n"),
        Case(before: "P: a\n  b\nQ: 1\n", after: "P: s3://b/k\nQ: 1\n"),
        Case(before: "P:\nQ: 1\n", after: "P: s3://b/k\nQ: 1\n"),
        Case(before: "P: ~\r\nQ: 1\r\n", after: "P: s3://b/k\r\nQ: 1\r\n"),
        Case(before: "\u{feff}Ä: ü\nP: ö\nQ: 1\n", after: "\u{feff}Ä: ü\nP: s3://b/k\nQ: 1\n"),
        Case(before: "P: !!str a\n", after: "P: s3://b/k\n"),
        Case(before: "---\nP: a\n...\n", after: "---\nP: s3://b/k\n...\n"),
        Case(before: "R:\n  # c\n  Q: 1\n", path: "R.P", after: "R:\n  # c\n  P: s3://b/k\n  Q: 1\n"),
        Case(before: "R: {}\n", path: "R.P", after: "R: {P: s3://b/k}\n"),
        Case(before: "R: {Q: 1}\n", path: "R.P", after: "R: {P: s3://b/k, Q: 1}\n"),
        Case(before: "R: {Q: 1}\n", path: "R.S.P", after: "R: {S: {P: s3://b/k}, Q: 1}\n"),
        Case(before: "R:\n  Q: 1\n", path: "R.S.P", after: "R:\n  S:\n    P: s3://b/k\n  Q: 1\n"),
        Case(before: "R:\n- P: a\n", path: "R.0.P", after: "R:\n- P: s3://b/k\n"),
        Case(before: "P: x\nP: a\n", after: "P: x\nP: s3://b/k\n"),
        Case(before: "P: a # c\n", isMap: true, after: "P:\n  S3Bucket: b\n  S3Key: k # c\n"),
        Case(
            before: "R:\n    P: a\n    Q: 1\n", path: "R.P", isMap: true,
            after: "R:\n    P:\n      S3Bucket: b\n      S3Key: k\n    Q: 1\n"),
        Case(before: "{P: a}\n", isMap: true, after: "{P: {S3Bucket: b, S3Key: k}}\n"),
        Case(before: "{\"P\": \"a\"}", after: "{\"P\": \"s3://b/k\"}"),
        Case(
            before: "{\n\t\"P\" : \"a\",\n\t\"Q\": \"\\ud83d\\ude00\"}", isMap: true,
            after: "{\n\t\"P\" : {\"S3Bucket\": \"b\", \"S3Key\": \"k\"},\n\t\"Q\": \"\\ud83d\\ude00\"}"),
        Case(before: "{\"R\": {\"Q\": 1}}", path: "R.P", after: "{\"R\": {\"P\": \"s3://b/k\", \"Q\": 1}}"),
        // What JSON allows and YAML does not.
        Case(before: "{\"P\"\n: \"a\"}", after: "{\"P\"\n: \"s3://b/k\"}"),
        Case(
            before: "{\"P\":\"a\",\"Q\":\"\u{7f}\u{85}\u{ffff}\u{2028}\"}",
            after: "{\"P\":\"s3://b/k\",\"Q\":\"\u{7f}\u{85}\u{ffff}\u{2028}\"}"),
        Case(
            before: "{\"\(String(repeating: "k", count: 1500))\":[1.0e5,-0,true,null],\"P\":\"a\"}\r\n",
            after: "{\"\(String(repeating: "k", count: 1500))\":[1.0e5,-0,true,null],\"P\":\"s3://b/k\"}\r\n"),
        Case(before: "{\"\\u0050\":\"\\/a\",\"P\":3}", after: "{\"\\u0050\":\"\\/a\",\"P\":\"s3://b/k\"}"),
        // No JSON, and YAML as it was before.
        Case(before: "{\"P\": \"a\", }", after: "{\"P\": \"s3://b/k\", }"),
        Case(before: "{\"P\": \"a\", \"Q\": [01]}", after: "{\"P\": \"s3://b/k\", \"Q\": [01]}"),
        // CloudFormation takes no aliases. One that is replaced has the new value alone; a map that aliases stand for has
        // it everywhere.
        Case(before: "X: &x a\nP: *x\n", after: "X: a\nP: s3://b/k\n"),
        Case(
            before: "X: &x\n  P: a # c\nR: *x # d\n", path: "R.P",
            after: "X:\n  P: s3://b/k # c\nR: {P: s3://b/k} # d\n"),
        Case(
            before: "X: &x {P: a, S: b}\nR:\n  Q: 1\n  P: c\n  # c\n  <<: *x\n", path: "R.P",
            after: "X: {P: a, S: b}\nR:\n  Q: 1\n  P: s3://b/k\n  # c\n  S: b\n"),
        Case(before: "P: &x a\nQ: *x # c\nR: !Sub b\n", after: "P: s3://b/k\nQ: a # c\nR: !Sub b\n"),
        Case(
            before: "P: a\nX: &x !Sub &y b\nQ: [*x, &z ~, *z]\n".replacing("!Sub &y", with: "!Sub"),
            after: "P: s3://b/k\nX: !Sub b\nQ: [!Sub b, ~, ~]\n"),
        Case(
            before: "P: a\nX: !Join &x\n- '-' # c\n- [&y 1, *y, \"1\"]\nQ: *x\n",
            after: "P: s3://b/k\nX: !Join\n- '-' # c\n- [1, 1, \"1\"]\nQ: !Join [\"-\", [1, 1, \"1\"]]\n"),
        Case(
            before: "P: a\nX: &x {A: &e , 2: \"b c: d\"}\nQ:\n  <<: [*x, {A: 1, E: 2}]\n  F: *e\n",
            after: "P: s3://b/k\nX: {A: , 2: \"b c: d\"}\nQ:\n  A: null\n  2: \"b c: d\"\n  E: 2\n  F: null\n"
        ),
        Case(
            before: "P: a # c\nX: &x {A: 1}\nQ: {<<: *x, A: 2} # d\n",
            after: "P: s3://b/k # c\nX: {A: 1}\nQ: {A: 2} # d\n"),
        Case(
            before: "P: a\nX: &x {A: 1}\nY: &y { <<: *x, B: 2 }\nZ: !Sub &z {A: 2, <<: [*x, *y]}\n",
            after: "P: s3://b/k\nX: {A: 1}\nY: { A: 1, B: 2 }\nZ: !Sub {A: 2, B: 2}\n"),
    ]

    @Test(arguments: cases)
    func `replaces a value and nothing else`(item: Case) async throws {
        try await withScratchDirectory { scratch in
            let path = try scratch.write(item.before, to: "t.yaml")
            let document = try TemplateDocument(path, name: "t.yaml")
            let steps = item.path.split(separator: ".").map { part in
                Int(part).map { TemplateStep.index($0) } ?? .key(String(part))
            }
            let edit = TemplateEdit(path: steps, value: item.isMap ? Self.map : .text("s3://b/k"))
            let text = TemplateRewriter(document: document).text(with: [edit])
            #expect(String(decoding: text, as: UTF8.self) == item.after)
        }
    }

    @Test func `a template written anew means the same`() async throws {
        try await withScratchDirectory { scratch in
            let before = """
                P: &x a
                Q: *x
                A: [1, !Ref b, {c: "1"}, [], {}, "", ~]
                "k: #": !Join ["-", [a, "b\\n"]]
                T: |
                  one
                   two: "three"
                F: !Sub
                  - "${a}"
                  - a: !GetAtt b.c
                M: {yes: "no", 1.0: '1.0', 'null': null, "": - }
                """
            let path = try scratch.write(before.replacing("\"\": - }", with: "\"\": \"-\"}"), to: "t.yaml")
            let document = try TemplateDocument(path, name: "t.yaml")
            let edit = TemplateEdit(path: [.key("P")], value: .text("new"))
            let text = TemplateRewriter(document: document).text(with: [edit])
            let again = try TemplateDocument(try scratch.write(text, to: "u.yaml"), name: "u.yaml")
            var wanted = TemplateValue(document.root)
            wanted.set([.key("P")], to: .text("new"))
            #expect(TemplateValue(again.root).means(wanted))
            #expect(String(decoding: text, as: UTF8.self).contains("!GetAtt b.c"))
        }
    }
}
