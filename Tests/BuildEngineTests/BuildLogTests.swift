import BuildEngine
import Masking
import Testing

@Suite struct BuildLogTests {
    /// 2024-02-29 23:59:59.000007 UTC.
    static let moment = Timestamp(microseconds: 1_709_251_199_000_007)

    private func log(_ format: BuildLog.Format) -> (log: BuildLog, sink: CollectingSink) {
        let sink = CollectingSink()
        return (BuildLog(sinks: [(sink, format)], clock: { Self.moment }), sink)
    }

    @Test(
        arguments: [
            (1_709_251_199_000_007, "2024/02/29 23:59:59.000007"), (0, "1970/01/01 00:00:00.000000"),
            (1_714_557_600_999_999, "2024/05/01 10:00:00.999999"),
            (4_102_444_800_100_000, "2100/01/01 00:00:00.100000"),
        ] as [(Int64, String)])
    func `times have six decimals in UTC`(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).logText == text)
    }

    @Test func `an empty line follows every command`() async {
        let (log, sink) = log(.codebuild)
        await log.agent("Running command true")
        await log.endOfCommand()
        await log.agent("Running command printf x")
        await log.output(Array("x".utf8))
        await log.endOfCommand()
        await log.agent("Running command echo y")
        await log.output(Array("y\n".utf8))
        await log.endOfCommand()
        await log.agent("end")
        let lines = sink.text.replacing("[Container] 2024/02/29 23:59:59.000007 ", with: "> ")
        #expect(
            lines
                == "> Running command true\n\n> Running command printf x\nx\n\n> Running command echo y\ny\n\n> end\n"
        )
    }

    @Test func `an agent line begins a line even in the midst of output`() async {
        let (log, sink) = log(.codebuild)
        await log.output(Array("half".utf8))
        await log.agent("line")
        #expect(sink.text == "half\n[Container] 2024/02/29 23:59:59.000007 line\n")
    }

    @Test(arguments: BuildLog.Format.allCases)
    func `secrets are hidden in agent lines and in output cut anywhere`(format: BuildLog.Format) async {
        let secret = "swordfish"
        for cut in 0...secret.utf8.count {
            let (log, sink) = log(format)
            _ = await log.mask([SecretText(secret)])
            await log.agent("Running command echo \(secret)")
            await log.output(Array(secret.utf8.prefix(cut)))
            await log.output(Array(secret.utf8.dropFirst(cut)) + [10])
            await log.endOfCommand()
            let text = sink.text
            #expect(!text.contains("sword") && !text.contains("fish"))
            #expect(text.split(separator: "***").count == 3)
        }
    }

    @Test func `what the runner learns late is hidden from the next byte on`() async {
        let sink = CollectingSink()
        let late = LateSecrets()
        let log = BuildLog(sinks: [(sink, .codebuild)], clock: { Self.moment }, lateSecrets: late)
        await log.output(Array("swordfish sword".utf8))
        late.add(["swordfish", ""])
        await log.output(Array("fish swordfish\n".utf8))
        #expect(await log.hidingSecrets("a swordfish") == "a ***")
        late.add(["trout-trout"])
        await log.agent("trout-trout dHJvdXQtdHJvdXQ=")
        #expect(
            sink.text
                == "swordfish swordfish ***\n[Container] 2024/02/29 23:59:59.000007 *** ***\n")
    }

    @Test func `encoded forms show when only the values are to be hidden`() async {
        let sink = CollectingSink()
        let log = BuildLog(
            sinks: [(sink, .codebuild)], clock: { Self.moment }, masksEncodedForms: false)
        _ = await log.mask([SecretText("swordfish")])
        await log.output(Array("swordfish c3dvcmRmaXNo\n".utf8))
        #expect(sink.text == "*** c3dvcmRmaXNo\n")
    }

    @Test func `JSON has an object a line with what was said`() async {
        let (log, sink) = log(.json)
        await log.agent("say \"hi\"\\")
        await log.output(Array("one\ntw".utf8))
        await log.output(Array("o\u{1b}[0m\u{7f} é\t\n".utf8))
        await log.output(Array("end".utf8))
        await log.endOfCommand()
        await log.agent("two\nlines")
        let start = "{\"time\":1709251199.000007,\"source\":"
        #expect(
            sink.text == """
                \(start)"agent","message":"say \\"hi\\"\\\\"}
                \(start)"output","message":"one"}
                \(start)"output","message":"two\\u001b[0m\\u007f é\\u0009"}
                \(start)"output","message":"end"}
                \(start)"agent","message":"two\\u000alines"}

                """)
    }
}
