import Accounts

/// One user as a requirement names them: `anna@example.com`, or the id.
enum UserName: Sendable, CustomStringConvertible {
    case id(UserID)
    case email(EmailAddress)

    init(_ text: String, _ fault: (String) -> RequirementFault) throws(RequirementFault) {
        if let id = UserID(text) {
            self = .id(id)
        } else if let email = try? EmailAddress(text) {
            guard !text.utf8.contains(UInt8(ascii: "*")) else { throw fault("user= takes no *, email= does") }
            self = .email(email)
        } else {
            throw fault("\"\(text)\" is neither an e-mail address nor the id of a user")
        }
    }

    func isName(of user: User) -> Bool {
        switch self {
        case .id(let id): id == user.id
        case .email(let email): email == user.email
        }
    }

    var description: String {
        switch self {
        case .id(let id): id.description
        case .email(let email): email.text
        }
    }
}

/// E-mail addresses as a requirement names them: `anna@example.org`, or `*@example.com` for all of a domain and none of
/// its subdomains. In the stored form, so that bytes can be compared.
enum EmailPattern: Sendable, CustomStringConvertible {
    case address(EmailAddress)
    case domain(String)

    init(_ text: String, _ fault: (String) -> RequirementFault) throws(RequirementFault) {
        let isDomain = text.utf8.starts(with: "*@".utf8)
        let rest = isDomain ? String(decoding: text.utf8.dropFirst(2), as: UTF8.self) : text
        guard !rest.utf8.contains(UInt8(ascii: "*")) else {
            throw fault("* stands for all before the @ and for nothing else: email=*@example.com")
        }
        // One letter stands for the user: the domain is then brought into its form as a whole address is.
        guard let email = try? EmailAddress(isDomain ? "x@" + rest : rest) else {
            throw fault("\"\(text)\" is neither an e-mail address nor *@ with a domain")
        }
        self = isDomain ? .domain(EmailPattern.domain(of: email)) : .address(email)
    }

    func matches(_ email: EmailAddress) -> Bool {
        switch self {
        case .address(let address): address == email
        case .domain(let domain): EmailPattern.domain(of: email).utf8.elementsEqual(domain.utf8)
        }
    }

    /// Behind the last @: what is stored may have been written there by hand.
    private static func domain(of email: EmailAddress) -> String {
        guard let at = email.text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return "" }
        return String(decoding: email.text.utf8[email.text.utf8.index(after: at)...], as: UTF8.self)
    }

    var description: String {
        switch self {
        case .address(let address): address.text
        case .domain(let domain): "*@" + domain
        }
    }
}
