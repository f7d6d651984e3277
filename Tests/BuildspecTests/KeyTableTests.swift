import Buildspec
import Diagnostics
import Testing

@Suite struct KeyTableTests {
    @Test(
        arguments: [
            ("commnands", "commands"), ("command", "commands"), ("runtime_versions", "runtime-versions"),
            ("runtimeVersions", "runtime-versions"), ("onfailure", "on-failure"), ("Finally", "finally"),
        ])
    func `suggests the key that was probably meant`(_ written: String, _ meant: String) throws {
        let text = "version: 0.2\nphases:\n  build:\n    \(written): x\n"
        let mends = Buildspec.decode(Array(text.utf8)).diagnostics.compactMap(\.mend)
        #expect(mends == ["did you mean `\(meant)`?"])
    }

    @Test func `every key of every section is documented`() {
        var seen: Set<String> = []
        func visit<Key: SectionKey>(_: Key.Type) {
            guard seen.insert("\(Key.self)").inserted else { return }
            for key in Key.allCases {
                #expect(key.definition.summary.hasSuffix("."), "\(key.path)")
                switch key.definition.shape {
                case .section(let inner), .namedSections(let inner), .sections(let inner): visit(inner)
                default: continue
                }
            }
        }
        visit(TopLevelKey.self)
        #expect(seen.count == 20)
    }
}
