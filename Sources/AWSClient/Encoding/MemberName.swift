/// The name of a member of a JSON object, whatever it is: for objects that others write, whose members are looked for.
package struct MemberName: CodingKey {
    /// The name.
    package var stringValue: String
    /// No member is named by a number.
    package var intValue: Int? { nil }

    /// Any name.
    package init(stringValue: String) { self.stringValue = stringValue }

    /// None.
    package init?(intValue: Int) { nil }
}
