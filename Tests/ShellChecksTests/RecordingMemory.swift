import ShellChecks
import Synchronization

/// Remembers answers, and counts how often that helped.
final class RecordingMemory: ShellcheckMemory {
    /// A value that several tasks may change.
    final class Box<Value: Sendable>: Sendable {
        private let mutex: Mutex<Value>

        init(_ value: Value) { mutex = Mutex(value) }

        var value: Value { mutex.withLock { $0 } }

        func change(_ change: @Sendable (inout Value) -> Void) { mutex.withLock { change(&$0) } }
    }

    let answers = Box<[[UInt8]: [UInt8]]>([:])
    let hits = Box(0)

    func answer(to question: [UInt8]) -> [UInt8]? {
        let answer = answers.value[question]
        if answer != nil { hits.change { $0 += 1 } }
        return answer
    }

    func remember(_ answer: [UInt8], to question: [UInt8]) {
        answers.change { $0[question] = answer }
    }
}
