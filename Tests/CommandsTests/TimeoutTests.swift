import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `--timeout`: the build ends, with all its processes.
@Suite struct TimeoutTests {
    @Test(arguments: ["bubblewrap", "host"])
    func `a build that takes too long ends with 124 and leaves no process`(sandbox: String) async throws {
        let marker = "buildspec-timeout-\(UUID().uuidString)"
        let buildspec = commands(
            "(exec -a \(marker) sleep 600) &", "setsid sh -c 'exec sleep 600 # \(marker)' &",
            "sh -c 'trap \"\" TERM INT HUP; while :; do sleep 600; done # \(marker)'")
        try await withProject("env: {shell: bash}\n" + buildspec) { project in
            let outcome = try await project.run("--timeout", "0.2", "--sandbox", sandbox)
            #expect(outcome.status == 124)
            #expect(outcome.standardError.contains("buildspec: error: the build timed out after "))
            #expect(
                outcome.standardOutput.contains(
                    "Phase context status code: BUILD_TIMED_OUT Message: Build has timed out.\n"))
            #expect(try await ProcessList.remaining(containing: marker, within: .seconds(2)) == [])
            #expect(try project.log() == outcome.standardOutput)
            let record = try project.record()
            #expect(record.buildStatus == "TIMED_OUT" || record.buildStatus == "FAILED")
            #expect(record.buildComplete)
            #expect(record.phase("BUILD")?.phaseStatus == "TIMED_OUT")
            #expect(record.phase("POST_BUILD") == nil)
            #expect(try project.files(below: "app").allSatisfy { !$0.contains("/work/") })
        }
    }

    @Test func `a build within its time is not touched`() async throws {
        try await withProject(commands("sleep 0.3")) { project in
            let outcome = try await project.run("--timeout", "0.5")
            #expect(outcome.status == 0)
        }
    }
}
