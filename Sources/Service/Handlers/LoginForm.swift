import Accounts
import Cryptography
import HTTP
import Tokens

/// What a login asks for, out of a JSON or a form body, or a header. The e-mail is in its normal form from here on.
struct LoginForm: Sendable {
    let email: EmailAddress
    let password: SecretBytes

    init(email: EmailAddress, password: SecretBytes) {
        self.email = email
        self.password = password
    }

    /// `POST /login`: members or fields `email` and `password`.
    init(_ request: Request, limit: Int) throws(Problem) {
        guard request.isBodyWhole, request.body.count <= limit else { throw Problems.tooLarge() }
        switch MediaType(request.contentType) {
        case .json: try self.init(json: request.body)
        case .form: try self.init(try LoginForm.fields(request.body), email: "email")
        default: throw Problems.unsupported()
        }
    }

    /// Form fields; `email` is the name of the field that holds the e-mail.
    init(_ form: Form, email name: String) throws(Problem) {
        guard let password = form["password"] else { throw Problems.field("password", "The password is missing.") }
        var bytes = Array(password.utf8)
        try self.init(emailText: form[name], SecretBytes(taking: &bytes), field: name)
    }

    static func fields(_ body: [UInt8]) throws(Problem) -> Form {
        do throws(Form.Fault) {
            return try Form(body)
        } catch {
            switch error {
            case .badEscape: throw Problems.body("The form holds a \"%\" without two hexadecimal digits behind it.")
            case .notUTF8(let name): throw Problems.field(name, "The field is not UTF-8.")
            case .tooMany: throw Problems.body("The form has too many fields.")
            case .repeated(let name): throw Problems.field(name, "The field stands in the form more than once.")
            }
        }
    }

    private init(json body: [UInt8]) throws(Problem) {
        var email: String?
        var password: SecretBytes?
        var field = ""
        do throws(JSONError) {
            var json = try JSONReader(body)
            try json.beginObject()
            while let name = try json.nextName() {
                // Nothing behind the colon is a broken body, not a wrong field.
                field = json.kind() == nil ? "" : name
                switch name {
                case "email": email = try json.string()
                case "password": password = try json.secret()
                default: break
                }
            }
            try json.end()
        } catch {
            if error.code == .wrongType, field == "email" || field == "password" {
                throw Problems.field(field, "The \(field) must be a text.")
            }
            throw Problems.body("The body is not a JSON object that can be read: \(error).")
        }
        guard let password else { throw Problems.field("password", "The password is missing.") }
        try self.init(emailText: email, password, field: "email")
    }

    private init(emailText: String?, _ password: SecretBytes, field: String) throws(Problem) {
        guard let emailText else { throw Problems.field(field, "The e-mail is missing.") }
        guard let email = try? EmailAddress(emailText) else {
            throw Problems.field(field, "The e-mail is not a valid address.")
        }
        guard !password.isEmpty else { throw Problems.field("password", "The password is empty.") }
        self.init(email: email, password: password)
    }
}
