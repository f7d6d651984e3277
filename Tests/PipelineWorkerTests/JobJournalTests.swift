import BuildEngine
import Foundation
import PipelineWorker
import SystemPackage
import TestSupport
import Testing

/// What a worker has claimed outlives it.
@Suite struct JobJournalTests {
    private let failure = JobResult.failure(
        JobResult.FailureDetails(kind: .jobFailed, message: "BUILD: no", externalExecutionID: "a:b"))

    private func names(below directory: FilePath) -> [String] {
        FileManager.default.enumerator(atPath: directory.string)?.compactMap { $0 as? String } ?? []
    }

    @Test func `entries of a worker that lives are left alone, those of a dead one are taken over`()
        async throws
    {
        try await withScratchDirectory { scratch in
            let entries = [
                JobEntry(jobID: "a", stage: .claiming(nonce: "7")), JobEntry(jobID: "b", stage: .building),
                JobEntry(jobID: "c", stage: .answering(failure)),
            ]
            var first: JobJournal? = try JobJournal(state: scratch.path)
            for entry in entries { try first?.write(entry) }
            try first?.write(JobEntry(jobID: "d", stage: .building))
            first?.remove("d")
            let second = try JobJournal(state: scratch.path)
            #expect(try second.adopt() == [])
            first = nil
            #expect(try second.adopt().sorted { $0.jobID < $1.jobID } == entries)
            #expect(try second.adopt() == [])
            for entry in entries { second.remove(entry.jobID) }
            second.close()
            #expect(names(below: scratch.path.appending("journal")) == [])
        }
    }

    @Test func `a job's name never becomes a path`() async throws {
        try await withScratchDirectory { scratch in
            let journal = try JobJournal(state: scratch.path)
            try journal.write(JobEntry(jobID: "../../../x", stage: .building))
            #expect(names(below: scratch.path).allSatisfy { $0.hasPrefix("journal") })
            #expect(FileManager.default.fileExists(atPath: "/x.json") == false)
        }
    }

    @Test func `a journal that could not be written is known to work again`() async throws {
        try await withScratchDirectory { scratch in
            let journal = try JobJournal(state: scratch.path)
            #expect(!journal.hasFailed)
            let names = try FileManager.default.contentsOfDirectory(
                atPath: scratch.path.appending("journal").string)
            let own = scratch.path.appending("journal").appending(try #require(names.first))
            try FileManager.default.moveItem(atPath: own.string, toPath: own.string + ".away")
            #expect(throws: RunnerFailure.self) {
                try journal.write(JobEntry(jobID: "a", stage: .building))
            }
            #expect(journal.hasFailed && !journal.works())
            try FileManager.default.moveItem(atPath: own.string + ".away", toPath: own.string)
            #expect(journal.works() && !journal.hasFailed)
            #expect(try FileManager.default.contentsOfDirectory(atPath: own.string) == ["lock"])
        }
    }

    @Test func `a place that cannot be a directory is told in the system's words`() async throws {
        try await withScratchDirectory { scratch in
            try scratch.write("", to: "file")
            let error = #expect(throws: RunnerFailure.self) {
                _ = try JobJournal(state: scratch.path.appending("file/state"))
            }
            #expect(
                error?.description == "cannot make the directory \(scratch.path)/file/state: Not a directory")
            #expect(error?.hint?.contains("--state-dir") == true)
        }
    }

    @Test func `what is no entry is kept for a person to see`() async throws {
        try await withScratchDirectory { scratch in
            try scratch.write("", to: "journal/old/lock")
            try scratch.write("{", to: "journal/old/job.json")
            let journal = try JobJournal(state: scratch.path)
            var told: [String] = []
            #expect(try journal.adopt { told.append($0.lastComponent?.string ?? "") } == [])
            #expect(told == ["job.json"])
            #expect(names(below: scratch.path.appending("journal/old")).contains("job.json"))
        }
    }

    @Test func `a damaged entry is that of a build that was interrupted, one of the future is left alone`()
        async throws
    {
        try await withScratchDirectory { scratch in
            let ids = (1...4).map { "0000000\($0)-1111-2222-3333-444444444444" }
            try scratch.write("", to: "journal/old/lock")
            try scratch.write("", to: "journal/old/\(ids[0]).json")
            try scratch.write(#"{"jobID":"\#(ids[1])","stage":{"buil"#, to: "journal/old/\(ids[1]).json")
            try scratch.write("\0\0\0\0", to: "journal/old/\(ids[2]).json")
            try scratch.write(
                #"{"jobID":"\#(ids[3])","stage":{"resting":{}}}"#, to: "journal/old/\(ids[3]).json")
            let journal = try JobJournal(state: scratch.path)
            var told: [FilePath] = []
            let entries = try journal.adopt { told.append($0) }
            #expect(entries == ids.prefix(3).map { JobEntry(jobID: $0, stage: .building) })
            #expect(told.map { $0.stem } == [ids[3]])
            // They are whole again, should this worker be ended, too.
            let own = names(below: scratch.path.appending("journal")).filter { $0.hasSuffix(".json") }
            #expect(own.count == 4)
            for name in own where !name.hasPrefix("old/") {
                #expect(try scratch.read("journal/\(name)").contains(UInt8(ascii: "}")))
            }
        }
    }
}
