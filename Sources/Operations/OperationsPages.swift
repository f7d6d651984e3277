/// What a worker's operator may ask for over HTTP, and what is answered; without the network.
package struct OperationsPages: Sendable {
    /// An answer.
    struct Page: Sendable {
        var status: Int
        var contentType = "text/plain; charset=utf-8"
        var body: String
    }

    private let metrics: WorkerMetrics

    /// The pages of the worker that these figures are of.
    package init(_ metrics: WorkerMetrics) {
        self.metrics = metrics
    }

    /// Answers a request; a query is no part of a page's name.
    func answer(method: String, target: String) -> Page {
        let path = target.prefix { $0 != "?" }
        guard ["/healthz", "/readyz", "/metrics"].contains(path) else {
            return Page(status: 404, body: "nothing is here; try /healthz, /readyz or /metrics\n")
        }
        guard method == "GET" || method == "HEAD" else {
            return Page(status: 405, body: "only GET and HEAD are served\n")
        }
        switch path {
        case "/healthz": return Page(status: 200, body: "ok\n")
        case "/readyz":
            switch metrics.readiness {
            case .ready: return Page(status: 200, body: "ready\n")
            case .notReady(let reason): return Page(status: 503, body: reason + "\n")
            }
        default:
            return Page(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: metrics.text())
        }
    }
}
