import Synchronization
import System

/// What the FastCGI side has done since it started, and what it holds now.
public struct Statistics: Sendable {
    public var accepted = 0
    /// Connections now open.
    public var open = 0
    /// Requests handed to the application.
    public var requests = 0
    /// Requests whose answer was sent, and whose answer could not be: the peer had gone or did not take it.
    public var answered = 0
    public var failedAnswers = 0
    /// Requests now with the application.
    public var running = 0
    /// Connections that the gate closed, by reason.
    public var refused: [Refusal: Int] = [:]
    /// Requests that the gate passed and libfcgi did not take. Always 0; else report it.
    public var gateDefects = 0
    /// Answered from the head alone: CONTENT_LENGTH above the limit, Authorizer without STDIN.
    public var headOnly = 0
    /// Connections now in the slow lane with a part of a request, and all that ever were.
    public var gathering = 0
    public var gathered = 0
    /// Closed at the deadline from the first byte.
    public var slowTimeouts = 0
    /// Closed by the peer in the middle of a request.
    public var cutShort = 0
    /// Closed at once, because the slow lane was full.
    public var slowRefused = 0
    /// Slow closes done, and those of them that ended at the deadline or the byte limit and not by the peer.
    public var slowCloses = 0
    public var slowCloseTimeouts = 0
    public var idleCloses = 0
    /// Times that accept(2) found no descriptor, and that the bound on connections was met.
    public var descriptorShortages = 0
    public var connectionShortages = 0
    /// Deferred requests that nobody answered, and that got 500.
    public var droppedCompletions = 0
    /// Kept connections that were closed because the peer sent more before it had its answer.
    public var pipelined = 0
    /// False when this libfcgi's buffers are not as known; then no connection is kept.
    public var keepsConnections = true
}

/// The counters behind `Statistics`.
final class Counters: Sendable {
    /// What becomes of a request. Every one moves three of these, so each thread has a row of its own.
    enum Step: Int, CaseIterable {
        case taken
        case answered
        case failed
        /// Answered or failed, and nothing is left to do.
        case ended
    }

    private let steps = ThreadCounts(Step.allCases.count)
    let accepted = Atomic<Int>(0)
    let gateDefects = Atomic<Int>(0)
    let headOnly = Atomic<Int>(0)
    let gathered = Atomic<Int>(0)
    let slowTimeouts = Atomic<Int>(0)
    let cutShort = Atomic<Int>(0)
    let slowRefused = Atomic<Int>(0)
    let slowCloses = Atomic<Int>(0)
    let slowCloseTimeouts = Atomic<Int>(0)
    let idleCloses = Atomic<Int>(0)
    let descriptorShortages = Atomic<Int>(0)
    let connectionShortages = Atomic<Int>(0)
    let droppedCompletions = Atomic<Int>(0)
    let pipelined = Atomic<Int>(0)
    private let refused = Mutex<[Refusal: Int]>([:])

    func refuse(_ reason: Refusal) {
        refused.withLock { $0[reason, default: 0] += 1 }
    }

    func note(_ step: Step) { steps.add(step.rawValue) }

    /// Requests now with the application. When it is 0, all that were taken before the question have ended.
    var running: Int {
        // In this order: a request that ends in between counts as running still, and the sum is never too small.
        let ended = steps.total(Step.ended.rawValue)
        return steps.total(Step.taken.rawValue) - ended
    }

    var statistics: Statistics {
        var all = Statistics()
        all.running = running
        all.answered = steps.total(Step.answered.rawValue)
        all.failedAnswers = steps.total(Step.failed.rawValue)
        all.requests = steps.total(Step.taken.rawValue)
        all.accepted = accepted.load(ordering: .relaxed)
        all.gateDefects = gateDefects.load(ordering: .relaxed)
        all.headOnly = headOnly.load(ordering: .relaxed)
        all.gathered = gathered.load(ordering: .relaxed)
        all.slowTimeouts = slowTimeouts.load(ordering: .relaxed)
        all.cutShort = cutShort.load(ordering: .relaxed)
        all.slowRefused = slowRefused.load(ordering: .relaxed)
        all.slowCloses = slowCloses.load(ordering: .relaxed)
        all.slowCloseTimeouts = slowCloseTimeouts.load(ordering: .relaxed)
        all.idleCloses = idleCloses.load(ordering: .relaxed)
        all.descriptorShortages = descriptorShortages.load(ordering: .relaxed)
        all.connectionShortages = connectionShortages.load(ordering: .relaxed)
        all.droppedCompletions = droppedCompletions.load(ordering: .relaxed)
        all.pipelined = pipelined.load(ordering: .relaxed)
        all.refused = refused.withLock { $0 }
        return all
    }
}
