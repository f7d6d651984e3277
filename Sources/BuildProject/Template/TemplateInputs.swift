/// What the command line says about a template.
package struct TemplateInputs: Sendable, Hashable {
    /// `--parameter`, by name.
    package var parameters: [String: String] = [:]
    /// `--resource-value`: by logical id (`Bucket`), attribute (`Key.Arn`), export name, or pseudo parameter.
    package var resourceValues: [String: String] = [:]
    /// `AWS::Region`.
    package var region = "us-east-1"
    /// `AWS::StackName`, when nobody gives another.
    package var stackName = "project"

    /// Nothing given.
    package init() {}

    /// The partition of the region: `aws`, `aws-cn` or `aws-us-gov`.
    var partition: String {
        if region.hasPrefix("cn-") { return "aws-cn" }
        if region.hasPrefix("us-gov-") { return "aws-us-gov" }
        return "aws"
    }

    /// The end of the region's host names.
    var hostSuffix: String { region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com" }
}
