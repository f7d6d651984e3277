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
        // An alias has the value alone; a map that aliases stand for has it everywhere.
        Case(before: "X: &x a\nP: *x\n", after: "X: &x a\nP: s3://b/k\n"),
        Case(before: "X: &x\n  P: a\nR: *x\n", path: "R.P", after: "X: &x\n  P: s3://b/k\nR: *x\n"),
        Case(
            before: "X: &x {P: a}\nR:\n  <<: *x\n  Q: 1\n", path: "R.P",
            after: "X: &x {P: a}\nR:\n  P: s3://b/k\n  <<: *x\n  Q: 1\n"),
        // The value of an anchor cannot be replaced where it stands: aliases would lose it.
        Case(before: "P: &x a\nQ: *x # c\nR: !Sub b\n", after: "P: s3://b/k\nQ: a\nR: !Sub b\n"),
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
