import TOMLKit

/// A value of the settings file, free of the parser that read it.
enum SettingValue {
    case text(String)
    case integer(Int)
    case flag(Bool)
    case date(Date)
    case list([SettingValue])
    case table([(key: String, value: SettingValue)])
    case other(String)

    init(_ value: some TOMLValueConvertible) {
        if let text = value.string {
            self = .text(text)
        } else if let flag = value.bool {
            self = .flag(flag)
        } else if let number = value.int {
            self = .integer(number)
        } else if let day = value.date, let date = Date(year: day.year, month: day.month, day: day.day) {
            self = .date(date)
        } else if let array = value.array {
            self = .list(array.map { SettingValue($0) })
        } else if let table = value.table {
            self = .table(table.keys.sorted().compactMap { key in table[key].map { (key, SettingValue($0)) } })
        } else {
            self = .other(value.type.description)
        }
    }

    var kind: String {
        switch self {
        case .text: "a text"
        case .integer: "a number"
        case .flag: "true or false"
        case .date: "a date"
        case .list: "a list"
        case .table: "a table"
        case .other(let name): "a \(name)"
        }
    }
}
