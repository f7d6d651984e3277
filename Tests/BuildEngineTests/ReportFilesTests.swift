import BuildEngine
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What reports leave on the disk.
@Suite(.timeLimit(.minutes(5))) struct ReportFilesTests {
    private static let secret = "s3cret&value<7>"

    /// All files below the build's `reports`, by their path there.
    private func reports(_ scratch: ScratchDirectory) throws -> [String: String] {
        let root = BuildDirectories(base: scratch.path.appending(".buildspec"), uuid: TestBuild.uuid).reports
            .string
        var files: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
            if let data = FileManager.default.contents(atPath: "\(root)/\(path)"), !data.isEmpty {
                files[path] = String(decoding: data, as: UTF8.self)
            }
        }
        return files
    }

    @Test func `no file of a report, and no name of one, holds a secret`() async throws {
        let buildspec = """
            version: 0.2
            env:
              parameter-store: {S: /s}
            phases:
              build:
                commands:
                  - x="s3cret&amp;value&lt;7&gt;"
                  - pad=$(printf '%04990d' 0)
                  - |
                    cat >"tests-$S.xml" <<EOF
                    <testsuite name="suite $x"><testcase name="n $x" classname="c $x">
                    <failure message="m $x">text $x $pad$x</failure></testcase></testsuite>
                    EOF
                  - printf '{"x":{"coverage":{"/src/%s.rb":{"lines":[1,0]}}}}' "$S" >coverage.json
            reports:
              "group-$S":
                files: ["tests*.xml"]
              cover:
                files: [coverage.json]
                file-format: SIMPLECOV
            """
        try await withScratchDirectory { scratch in
            var build = TestBuild()
            build.secrets = FakeSecrets(values: ["/s": Self.secret])
            let result = try await build.run(buildspec, scratch)
            #expect(result.outcome.record.buildStatus == .succeeded, "\(result.log)")
            let files = try reports(scratch)
            #expect(files.count == 4, "\(files.keys)")
            for (name, text) in files {
                for part in ["s3cret", "value<7", "value&lt;7"] {
                    #expect(!name.contains(part) && !text.contains(part), "\(name): \(text.prefix(600))")
                }
            }
            #expect(!"\(result.outcome.reports)".contains("s3cret"))
            #expect(files.values.contains { $0.contains("\"name\" : \"n ***\"") }, "\(files)")
        }
    }

    @Test func `groups whose names look alike in file names have directories of their own`() async throws {
        let long = String(repeating: "x", count: 200)
        let buildspec = """
            version: 0.2
            phases:
              build:
                commands:
                  - for i in 1 2 3 4 5 6; do echo "<testsuite><testcase name='t$i'/></testsuite>" >$i.xml; done
            reports:
              "a/b": {files: [1.xml]}
              "a b": {files: [2.xml]}
              a_b: {files: [3.xml]}
              \(long)1: {files: [4.xml]}
              \(long)2: {files: [5.xml]}
              "a${NOTHING}_b": {files: [6.xml]}
            """
        try await withScratchDirectory { scratch in
            let result = try await TestBuild().run(buildspec, scratch)
            #expect(result.outcome.record.buildStatus == .succeeded, "\(result.log)")
            let summaries = try reports(scratch).filter { $0.key.hasSuffix("/report.json") }
            #expect(summaries.count == 6, "\(summaries.keys)")
            for number in 1...6 {
                #expect(summaries.values.filter { $0.contains("\"t\(number)\"") }.count == 1)
            }
        }
    }

    @Test func `a report file beyond the limit is refused with a message`() async throws {
        let buildspec = """
            version: 0.2
            phases:
              build:
                commands:
                  - truncate -s 67108865 large.xml || dd if=/dev/null of=large.xml seek=67108865 bs=1
            reports:
              large: {files: [large.xml]}
            """
        try await withScratchDirectory { scratch in
            let result = try await TestBuild().run(buildspec, scratch)
            #expect(result.outcome.record.buildStatus == .failed)
            #expect(result.log.contains("large.xml: the file is larger than 67108864 bytes"), "\(result.log)")
        }
    }
}
