import Accounts
import HTTP
import System

/// `GET /photos/me` and `GET /public/search?q=`, when `[photos] enabled = true`.
struct PhotoHandlers: Sendable {
    private static let patience = 1_500
    private static let mostResults = 100
    private static let longestQuery = 200

    let store: PhotoStore
    let lane: Lane
    let faults: DatabaseFaults

    func routes() -> [Route] {
        [
            Route(["GET"], "/photos/me", access: .user, limit: .api) { request throws(Problem) in
                let user = try request.knownUser()
                return answer(request.context.moment) { () throws(AccountsError) in
                    try store.photos(of: user.id, limit: PhotoHandlers.mostResults)
                }
            },
            Route(["GET"], "/public/search", access: .open, limit: .search) { request throws(Problem) in
                let words = try PhotoHandlers.query(request.request)
                return answer(request.context.moment) { () throws(AccountsError) in
                    try store.search(words, limit: PhotoHandlers.mostResults)
                }
            },
        ]
    }

    private static func query(_ request: Request) throws(Problem) -> String {
        let form: Form
        do throws(Form.Fault) {
            form = try Form(request.query.utf8)
        } catch {
            throw Problems.field("q", "The query is malformed.")
        }
        guard let words = form["q"], !words.isEmpty else {
            throw Problems.field("q", "Say what to search for: ?q=word")
        }
        guard words.utf8.count <= longestQuery else { throw Problems.field("q", "The query is too long.") }
        guard words.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
            throw Problems.field("q", "The query holds a control character.")
        }
        return words
    }

    /// Runs the query on the database lane, so no request thread waits for MariaDB.
    private func answer(
        _ moment: Moment, _ query: @escaping @Sendable () throws(AccountsError) -> [Photo]
    ) -> Answer {
        .later { reply in
            let busy = Problems.unavailable(reason: "queries_busy")
            let job = Lane.Job(
                deadline: moment.adding(milliseconds: PhotoHandlers.patience).boot,
                run: {
                    do throws(AccountsError) {
                        reply(.success(PhotoHandlers.response(try query())))
                    } catch {
                        reply(.failure(faults.problem(error)))
                    }
                }, expired: { reply(.failure(busy)) })
            if !lane.submit(job) { reply(.failure(busy)) }
        }
    }

    private static func response(_ photos: [Photo]) -> Response {
        var json = JSONObject()
        json.add("photos", photos.map(object))
        var response = Response(.ok, json: json)
        response.add(.cacheControl, .noStore)
        return response
    }

    private static func object(_ photo: Photo) -> JSONObject {
        var json = JSONObject()
        json.add("id", photo.id)
        json.add("kind", photo.kind.rawValue)
        json.add("title", photo.title)
        json.add("content_type", photo.contentType)
        json.add("bytes", Int(photo.bytes))
        json.add("created_at", Timestamp.text(photo.createdAt))
        return json
    }
}
