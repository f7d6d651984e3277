import BuildEngine
import Buildspec
import Testing

/// The tables of the behaviour reference, sections 3.2 and 3.3.
@Suite struct PhaseMachineTests {
    struct Row: Sendable {
        var failing: PhaseType
        var status = BuildStatus.failed
        var onFailure: OnFailure?
        var after: [PhaseType]
        var buildStatus = BuildStatus.failed
    }

    static let end: [PhaseType] = [.finalizing, .completed]
    static let retry = OnFailure.retry(count: 3, pattern: ".*")

    static let rows: [Row] = [
        Row(failing: .provisioning, after: end),
        Row(failing: .downloadSource, after: end),
        Row(failing: .install, after: end),
        Row(failing: .preBuild, after: end),
        Row(failing: .build, after: [.postBuild, .uploadArtifacts] + end),
        Row(failing: .postBuild, after: [.uploadArtifacts] + end),
        Row(failing: .uploadArtifacts, after: end),
        Row(failing: .install, onFailure: .abort, after: end),
        Row(failing: .preBuild, onFailure: .abort, after: end),
        Row(failing: .build, onFailure: .abort, after: end),
        Row(failing: .postBuild, onFailure: .abort, after: end),
        Row(
            failing: .install, onFailure: .continue,
            after: [.preBuild, .build, .postBuild, .uploadArtifacts] + end),
        Row(failing: .preBuild, onFailure: .continue, after: [.build, .postBuild, .uploadArtifacts] + end),
        Row(failing: .build, onFailure: .continue, after: [.postBuild, .uploadArtifacts] + end),
        Row(failing: .postBuild, onFailure: .continue, after: [.uploadArtifacts] + end),
        Row(failing: .install, onFailure: retry, after: end),
        Row(failing: .preBuild, onFailure: retry, after: end),
        Row(failing: .build, onFailure: retry, after: [.postBuild, .uploadArtifacts] + end),
        Row(failing: .postBuild, onFailure: retry, after: [.uploadArtifacts] + end),
        Row(failing: .build, status: .timedOut, onFailure: .continue, after: end),
        Row(failing: .install, status: .timedOut, after: end),
        Row(failing: .build, status: .stopped, onFailure: .continue, after: end, buildStatus: .stopped),
        Row(failing: .uploadArtifacts, status: .stopped, after: end, buildStatus: .stopped),
        Row(failing: .provisioning, status: .fault, after: end, buildStatus: .fault),
    ]

    @Test(arguments: rows.indices)
    func `goes on after a failure as the table says`(index: Int) {
        let row = Self.rows[index]
        var machine = PhaseMachine()
        while machine.current != row.failing { machine.finish(.succeeded) }
        #expect(machine.isSucceeding)
        machine.finish(row.status, onFailure: row.onFailure)
        #expect(!machine.isSucceeding)
        var after: [PhaseType] = [machine.current]
        while machine.current != .completed {
            #expect(machine.buildStatus == .inProgress)
            machine.finish(.succeeded)
            after.append(machine.current)
        }
        #expect(after == row.after)
        #expect(machine.buildStatus == row.buildStatus)
    }

    @Test func `without failures every phase comes in order`() {
        var machine = PhaseMachine()
        var seen: [PhaseType] = []
        while machine.current != .completed {
            seen.append(machine.current)
            machine.finish(.succeeded, onFailure: .abort)
        }
        #expect(seen + [.completed] == PhaseType.allCases)
        #expect(machine.buildStatus == .succeeded)
        machine.finish(.failed)
        #expect(machine.buildStatus == .succeeded)
    }

    @Test func `a stop after a failure makes the build stopped`() {
        var machine = PhaseMachine()
        while machine.current != .build { machine.finish(.succeeded) }
        machine.finish(.failed)
        machine.finish(.stopped)
        machine.finish(.succeeded)
        #expect(machine.buildStatus == .stopped)
    }
}
