import BuildProject
import Foundation
import Testing

@Suite("Hostile definitions")
struct HostileDefinitionTests {
    /// Repeatable, so that what fails once fails again.
    private struct Numbers {
        var state: UInt64

        mutating func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(1, limit)
        }
    }

    @Test("a damaged definition is read or refused", arguments: ProjectCase.all)
    func damaged(_ project: ProjectCase) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: project.folder.path)
        let name = try #require(names.first { $0.hasPrefix("template.") || $0.hasPrefix("project.") })
        let text = Array(try Data(contentsOf: project.folder.appending(path: name)))
        var numbers = Numbers(state: UInt64(text.count))
        let pieces = [
            "!Sub ", "!Ref ", "${", "}", "[", "{\"Fn::If\":", "null", "AWS::NoValue", "\u{0}", "\"", "- ",
            "\\ud83d",
        ]
        for _ in 0..<60 {
            var damaged = text
            for _ in 0...numbers.next(below: 3) {
                let place = numbers.next(below: damaged.count)
                switch numbers.next(below: 3) {
                case 0: damaged[place] = UInt8(numbers.next(below: 256))
                case 1: damaged.removeSubrange(place..<min(damaged.count, place + numbers.next(below: 40)))
                default: damaged.insert(contentsOf: pieces[numbers.next(below: pieces.count)].utf8, at: place)
                }
                if damaged.isEmpty { break }
            }
            do throws(ProjectFailure) {
                let document = try ProjectDocument(damaged, file: name)
                _ = try document.project(named: nil, TemplateInputs())
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }

    @Test("what no message may show is not in one")
    func secrets() throws {
        let text = """
            Parameters: {Key: {Type: String, NoEcho: true, AllowedPattern: '[a-z]+'}}
            Resources: {B: {Type: 'AWS::CodeBuild::Project', Properties: {Name: !Ref Key}}}
            """
        var inputs = TemplateInputs()
        inputs.parameters = ["Key": "S3CRET"]
        let document = try ProjectDocument(Array(text.utf8), file: "t.yaml")
        #expect {
            try document.project(named: nil, inputs)
        } throws: { error in
            !"\(error)".contains("S3CRET")
        }
    }
}
