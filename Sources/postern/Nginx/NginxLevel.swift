/// A level of nginx's configuration: what it sets itself, what it inherits, which locations stand in it.
final class NginxLevel {
    enum Kind {
        case http
        case server
        case location(NginxLocationName)
        /// `if` and `limit_except`: inherit the location's handler too.
        case condition(NginxDirective)
    }

    let kind: Kind
    let place: NginxPlace
    /// Its own, in their order.
    let directives: [NginxDirective]
    /// Those without a block.
    let own: [NginxDirective]
    private(set) var locations: [NginxLevel] = []
    private(set) var conditions: [NginxLevel] = []
    private(set) weak var parent: NginxLevel?

    init(_ kind: Kind, _ directives: [NginxDirective], at place: NginxPlace, in parent: NginxLevel?) {
        self.kind = kind
        self.place = place
        self.parent = parent
        self.directives = directives
        own = directives.filter { $0.block == nil }
        for directive in directives {
            guard let block = directive.block else { continue }
            switch directive.name {
            case "location":
                let name = NginxLocationName(directive.arguments)
                locations.append(NginxLevel(.location(name), block, at: directive.place, in: self))
            case "if", "limit_except":
                conditions.append(NginxLevel(.condition(directive), block, at: directive.place, in: self))
            default: continue
            }
        }
    }

    var location: NginxLocationName? { if case .location(let name) = kind { name } else { nil } }

    /// "location ~ \.php$", "if ($x)", "server".
    var title: String {
        switch kind {
        case .http: "http"
        case .server: "server"
        case .location(let name): "location \(name.text)"
        case .condition(let directive): directive.text
        }
    }

    /// "location ~ \.php$" (shop.conf:18)
    var reference: String { "\"\(title)\" (\(place))" }

    func own(_ name: String) -> [NginxDirective] { own.filter { $0.name == name } }

    /// Those of the nearest level that has any: so nginx inherits lists such as error_page, proxy_set_header,
    /// fastcgi_param or auth_request_set, and single values too.
    func inForce(_ name: String) -> [NginxDirective] { levelOf(name)?.own(name) ?? [] }

    /// Where `inForce` comes from.
    func levelOf(_ name: String) -> NginxLevel? {
        var level: NginxLevel? = self
        while let current = level {
            if current.own.contains(where: { $0.name == name }) { return current }
            level = current.parent
        }
        return nil
    }

    /// Levels above this one, the nearest first.
    var above: [NginxLevel] {
        var levels: [NginxLevel] = []
        while let level = levels.last.map(\.parent) ?? parent { levels.append(level) }
        return levels
    }

    /// What hands the request on or answers it; only `if` and the like inherit it from their location.
    func handler(_ name: String) -> NginxDirective? {
        if let directive = own(name).last { return directive }
        guard case .condition = kind, let parent, parent.location != nil else { return nil }
        return parent.handler(name)
    }

    /// This level and all below it.
    var all: [NginxLevel] { [self] + (conditions + locations).flatMap(\.all) }
}

/// `location [modifier] name`
struct NginxLocationName {
    enum Modifier: String {
        case prefix = "", exact = "=", strong = "^~", pattern = "~", patternAnyCase = "~*", named = "@"
    }

    let modifier: Modifier
    /// "/ops/", or the expression.
    let name: String
    /// `nil` where there is none, or one that is not understood here.
    let pattern: NginxPattern?

    init(_ arguments: [String]) {
        let first = arguments.first ?? ""
        // nginx takes "=/x" for "= /x" as well.
        let modifiers: [Modifier] = [.exact, .strong, .patternAnyCase, .pattern]
        let found = arguments.count == 1 ? modifiers.first { first.hasPrefix($0.rawValue) } : Modifier(rawValue: first)
        let isNamed = arguments.count == 1 && first.hasPrefix("@")
        modifier = isNamed ? .named : found ?? .prefix
        let isTogether = arguments.count == 1 && found != nil
        name = isTogether ? String(first.dropFirst(modifier.rawValue.count)) : arguments.last ?? ""
        let isPattern = modifier == .pattern || modifier == .patternAnyCase
        pattern = isPattern ? NginxPattern(name, ignoresCase: modifier == .patternAnyCase) : nil
    }

    var isPattern: Bool { modifier == .pattern || modifier == .patternAnyCase }
    /// Chosen by the beginning of the path.
    var isPrefix: Bool { modifier == .prefix || modifier == .strong }

    var text: String {
        switch modifier {
        case .prefix, .named: name
        default: "\(modifier.rawValue) \(name)"
        }
    }
}
