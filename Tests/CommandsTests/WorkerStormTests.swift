import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Many jobs over four workers, each killed at random times and started again, with a server that misbehaves.
@Suite(.motoServer) struct WorkerStormTests {
    /// 1,000 with BUILDSPEC_STORM_JOBS=1000, which take minutes.
    private static let jobs =
        ProcessInfo.processInfo.environment["BUILDSPEC_STORM_JOBS"].flatMap { Int($0) } ?? 150

    /// What of a record matters here.
    private struct Record: Decodable {
        struct Variable: Decodable {
            var name: String
            var value: String
        }
        struct Environment: Decodable { var environmentVariables: [Variable] }

        var environment: Environment
        var buildStatus: String

        var job: String? { environment.environmentVariables.first { $0.name == "JOB" }?.value }
    }

    private static let misbehaviour = [
        "lost=0.05", "reset=0.05", "throttle=0.05", "fault=0.05", "expired=0.02", "duplicate=0.1",
    ]

    @Test func `every job is answered exactly once and built at most once, and nothing is left`()
        async throws
    {
        try await WorkerStage.with(misbehaviour: Self.misbehaviour, "worker-storm") { stage in
            try await stage.store(
                buildspec: """
                    version: 0.2
                    env: {exported-variables: [JOB]}
                    phases: {build: {commands: ['sleep 0.05; echo $JOB > out.txt']}}
                    artifacts: {files: [out.txt]}

                    """)
            try await stage.offer(
                ["EnvironmentVariables": #"[{"name":"JOB","value":"NUMBER"}]"#], outputs: ["out-NUMBER"],
                count: Self.jobs)
            let kills = try await storm(stage)
            let known = try await stage.standIn.state()
            let succeeded = known.jobs.count { $0.state == "Succeeded" }
            print("\(Self.jobs) jobs, \(kills) kills, \(succeeded) succeeded; requests: \(known.requests)")
            #expect(known.violations == [])
            #expect(known.jobs.allSatisfy { $0.answers.count == 1 })
            #expect(known.jobs.allSatisfy { ["Succeeded", "Failed"].contains($0.state) })
            for (number, job) in known.jobs.enumerated() {
                guard let answer = job.answers.first else { continue }
                if answer.state == "Succeeded" {
                    #expect(answer.outputVariables == ["JOB": "\(number)"])
                } else {
                    // Only those that were under way when their worker was killed.
                    #expect(answer.failureDetails?.type == "SystemUnavailable", "\(answer)")
                    #expect(answer.failureDetails?.message.contains("retry the action") == true, "\(answer)")
                }
            }
            let builds = try records(stage)
            #expect(builds.values.allSatisfy { $0.count == 1 }, "\(builds.filter { $0.value.count > 1 })")
            for (number, job) in known.jobs.enumerated() where job.state == "Succeeded" {
                #expect(builds["\(number)"] == ["SUCCEEDED"])
            }
            #expect(kills == 0 || succeeded > 0)
            try stage.expectClean()
            #expect(try await ProcessList.remaining(containing: stage.scratch.path.string) == [])
        }
    }

    /// How far the storm has come.
    private final class Course: Sendable {
        let isOver = Atomic(false)
        let kills = Atomic(0)
    }

    /// Works the jobs off.
    /// - Returns: how often a worker was killed.
    private func storm(_ stage: WorkerStage) async throws -> Int {
        let course = Course()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                // Two have a state directory of their own, two share one.
                let state = stage.scratch.path.appending("state-\(min(worker, 2))")
                group.addTask {
                    while !course.isOver.load(ordering: .relaxed) {
                        let invocation = stage.invocation(["--concurrency", "2"], state: state)
                        let killed = try await stage.binary.start(invocation) { running in
                            try await Task.sleep(for: .milliseconds(.random(in: 200...6000)))
                            running.send(SIGKILL)
                        }
                        #expect(killed.status == -SIGKILL, "\(killed)")
                        course.kills.add(1, ordering: .relaxed)
                    }
                }
            }
            group.addTask {
                while try await !stage.standIn.state().jobs.allSatisfy({ !$0.answers.isEmpty }) {
                    try await Task.sleep(for: .seconds(1))
                }
                course.isOver.store(true, ordering: .relaxed)
            }
            try await group.waitForAll()
        }
        // What the last kill left belongs to whoever starts next.
        for index in 0..<3 {
            let last = try await stage.binary.run(
                stage.invocation(
                    ["--idle-timeout", "0.1"], state: stage.scratch.path.appending("state-\(index)")))
            #expect(last.status == 0, "\(last)")
        }
        return course.kills.load(ordering: .relaxed)
    }

    /// The statuses of the builds of each job.
    private func records(_ stage: WorkerStage) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: stage.scratch.path.string)
        where path.hasSuffix("/build.json") {
            let record = try JSONDecoder().decode(Record.self, from: Data(try stage.scratch.read(path)))
            found[record.job ?? "?", default: []].append(record.buildStatus)
        }
        return found
    }
}
