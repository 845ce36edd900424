/// The release; the file VERSION says the same, and a test compares them.
public enum Version {
    public static let text = "0.3.0"
}
