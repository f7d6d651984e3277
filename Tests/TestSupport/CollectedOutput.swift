import Subprocess

/// What a program has said so far, for waiting until it says something.
package actor CollectedOutput {
    private var bytes: [UInt8] = []
    private var hasEnded = false
    private var waiting: [(wanted: String?, continuation: CheckedContinuation<Void, Never>)] = []

    /// Nothing said yet.
    package init() {}

    /// All of it; bytes that are not UTF-8 are replaced.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Returns as soon as the text has been said.
    ///
    /// - Throws: a failure when the program ends without saying it.
    package func wait(for wanted: String) async throws {
        if !text.contains(wanted), !hasEnded {
            await withCheckedContinuation { waiting.append((wanted, $0)) }
        }
        guard text.contains(wanted) else {
            throw Program.Failure(description: "ended without saying \"\(wanted)\"")
        }
    }

    /// Returns when nobody can say anything any more.
    package func waitUntilEnd() async {
        if hasEnded { return }
        await withCheckedContinuation { waiting.append((nil, $0)) }
    }

    /// Takes in a stream to its end.
    func collect(_ stream: SubprocessOutputSequence) async {
        do {
            for try await buffer in stream {
                bytes += buffer.withUnsafeBytes { Array($0) }
                wake()
            }
        } catch {
            bytes += Array("\n(cannot be read: \(error))\n".utf8)
        }
        hasEnded = true
        wake()
    }

    private func wake() {
        let said = text
        let awake = waiting.filter { hasEnded || $0.wanted.map(said.contains) ?? false }
        waiting.removeAll { hasEnded || $0.wanted.map(said.contains) ?? false }
        for entry in awake { entry.continuation.resume() }
    }
}
