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

    @Test func `what is no entry is kept for a person to see`() async throws {
        try await withScratchDirectory { scratch in
            try scratch.write("", to: "journal/old/lock")
            try scratch.write("{", to: "journal/old/job.json")
            let journal = try JobJournal(state: scratch.path)
            #expect(try journal.adopt() == [])
            #expect(names(below: scratch.path.appending("journal/old")).contains("job.json"))
        }
    }
}
