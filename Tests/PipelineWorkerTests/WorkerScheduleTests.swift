import PipelineWorker
import Testing

/// What a worker does next, without clock and network.
@Suite struct WorkerScheduleTests {
    private func schedule(_ change: (inout WorkerSchedule.Rules) -> Void = { _ in }) -> WorkerSchedule {
        var rules = WorkerSchedule.Rules(concurrency: 2)
        change(&rules)
        return WorkerSchedule(rules)
    }

    @Test func `asks for as many jobs as there is room for`() {
        var schedule = schedule()
        #expect(schedule.actions(after: .started(recovered: []), random: 0.5) == [.poll(2)])
        #expect(schedule.actions(after: .offered(["a"]), random: 0.5) == [.begin("a"), .poll(1)])
        #expect(schedule.actions(after: .offered(["b"]), random: 0.5) == [.begin("b")])
        #expect(schedule.actions(after: .jobEnded("a", counts: true), random: 0.5) == [.poll(1)])
    }

    @Test func `jobs of an earlier run come first`() {
        var schedule = schedule()
        let actions = schedule.actions(after: .started(recovered: ["x", "y", "z"]), random: 0.5)
        #expect(actions == [.begin("x"), .begin("y"), .begin("z")])
        #expect(schedule.actions(after: .jobEnded("x", counts: true), random: 0.5) == [])
        #expect(schedule.actions(after: .jobEnded("y", counts: true), random: 0.5) == [.poll(1)])
    }

    @Test func `begins a job once, however often it is offered`() {
        var schedule = schedule()
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        #expect(schedule.actions(after: .offered(["a", "a"]), random: 0.5) == [.begin("a"), .poll(1)])
        #expect(schedule.actions(after: .offered(["a"]), random: 0.5) == [.poll(1)])
    }

    @Test func `waits a little different each time while there is nothing to do`() {
        var schedule = schedule()
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        #expect(schedule.actions(after: .offered([]), random: 0) == [.pause(.seconds(3.75))])
        #expect(schedule.actions(after: .pauseOver, random: 0) == [.poll(2)])
        #expect(schedule.actions(after: .offered([]), random: 1) == [.pause(.seconds(6.25))])
    }

    @Test func `waits longer and longer while CodePipeline cannot be asked, up to a limit`() {
        var schedule = schedule()
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        var pauses: [Duration] = []
        for _ in 0..<40 {
            for case .pause(let pause) in schedule.actions(after: .pollFailed, random: 1) {
                pauses.append(pause)
            }
            _ = schedule.actions(after: .pauseOver, random: 1)
        }
        #expect(pauses.prefix(4) == [.seconds(2), .seconds(4), .seconds(8), .seconds(16)])
        #expect(pauses.count == 40)
        #expect(pauses.last == .seconds(60))
    }

    @Test func `finishes what it has begun when it is drained`() {
        var schedule = schedule()
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        _ = schedule.actions(after: .offered(["a"]), random: 0.5)
        #expect(schedule.actions(after: .drain, random: 0.5) == [.cancelPoll])
        // Asked for before: not claimed, and so still everybody's.
        #expect(schedule.actions(after: .offered(["b"]), random: 0.5) == [])
        #expect(schedule.actions(after: .jobEnded("a", counts: true), random: 0.5) == [.finish])
        #expect(schedule.actions(after: .pauseOver, random: 0.5) == [])
    }

    @Test func `ends jobs under way when it is stopped, and still waits for their answers`() {
        var schedule = schedule()
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        _ = schedule.actions(after: .offered(["a", "b"]), random: 0.5)
        #expect(schedule.actions(after: .stop, random: 0.5) == [.cancelJobs])
        #expect(schedule.actions(after: .jobEnded("a", counts: true), random: 0.5) == [])
        #expect(schedule.actions(after: .jobEnded("b", counts: true), random: 0.5) == [.finish])
    }

    @Test func `builds no more jobs than it is told to, and does not count those of others`() {
        var schedule = schedule { $0.maximumJobs = 1 }
        #expect(schedule.actions(after: .started(recovered: []), random: 0.5) == [.poll(1)])
        #expect(schedule.actions(after: .offered(["a"]), random: 0.5) == [.begin("a")])
        #expect(schedule.actions(after: .jobEnded("a", counts: false), random: 0.5) == [.poll(1)])
        #expect(schedule.actions(after: .offered(["b"]), random: 0.5) == [.begin("b")])
        #expect(schedule.actions(after: .jobEnded("b", counts: true), random: 0.5) == [.finish])
    }

    @Test func `waits no longer than it may be idle`() {
        var schedule = schedule { $0.idleLimit = .seconds(1) }
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        #expect(schedule.actions(after: .offered([]), random: 0.5) == [.pause(.seconds(1))])
        _ = schedule.actions(after: .pauseOver, random: 0.5)
        #expect(schedule.actions(after: .offered([]), random: 0.5).contains(.finish))
    }

    @Test func `counts the time in which CodePipeline cannot be asked as idle`() {
        var schedule = schedule { $0.idleLimit = .seconds(5) }
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        #expect(schedule.actions(after: .pollFailed, random: 1) == [.pause(.seconds(2))])
        _ = schedule.actions(after: .pauseOver, random: 1)
        #expect(schedule.actions(after: .pollFailed, random: 1) == [.pause(.seconds(3))])
        _ = schedule.actions(after: .pauseOver, random: 1)
        #expect(schedule.actions(after: .pollFailed, random: 1).contains(.finish))
    }

    @Test func `does not wait for the answer to its question when it is drained or stopped`() {
        var schedule = schedule()
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        #expect(schedule.actions(after: .drain, random: 0.5) == [.cancelPoll])
        #expect(schedule.actions(after: .pollFailed, random: 0.5) == [.finish])
    }

    @Test func `ends when it was idle for long enough`() {
        var schedule = schedule { $0.idleLimit = .seconds(10) }
        _ = schedule.actions(after: .started(recovered: []), random: 0.5)
        var rounds = 0
        while rounds < 100 {
            let actions = schedule.actions(after: .offered([]), random: 0.5)
            if actions.contains(.finish) { break }
            _ = schedule.actions(after: .pauseOver, random: 0.5)
            rounds += 1
        }
        #expect(rounds == 2)
    }
}
