/// A property of a resource type that may name local files.
///
/// The table is what `aws cloudformation package` knows (AWS CLI 1.45), and, separately, what it leaves alone
/// although CloudFormation or SAM take an S3 location there.
struct PackagedProperty: Sendable, Hashable {
    /// How the place of the object is written into the template.
    enum Form: Sendable, Hashable {
        /// `s3://bucket/key`.
        case url
        /// A map of bucket, key and version under these names.
        case map(bucket: String, key: String, version: String?)
        /// The address of a nested template, which is packaged itself.
        case template
    }

    /// The resource type, such as `AWS::Lambda::Function`.
    let type: String
    /// The property, and the one inside it where it is nested.
    let path: [String]
    let form: Form
    /// Whether a single file that is no zip is put into one.
    var zipsFiles = false
    /// Whether the template's own directory is packaged when the property is not there.
    var isImplied = false
    /// Whether only we know it.
    var isAddition = false

    /// `Command.ScriptLocation`.
    var name: String { path.joined(separator: ".") }

    /// What the resources of a type may name.
    static func properties(of type: String) -> [PackagedProperty] { byType[type] ?? [] }

    /// What a `Metadata` section may name.
    static func metadata(of type: String) -> [PackagedProperty] {
        guard type == "AWS::ServerlessRepo::Application" else { return [] }
        return ["ReadmeUrl", "LicenseUrl"].map { PackagedProperty(type: type, path: [$0], form: .url) }
    }

    private static let byType = Dictionary(grouping: known + additions, by: \.type)

    private static let lambdaNames = Form.map(
        bucket: "S3Bucket", key: "S3Key", version: "S3ObjectVersion")
    private static let plainNames = Form.map(bucket: "Bucket", key: "Key", version: "Version")

    private static let known: [PackagedProperty] = [
        .init(
            type: "AWS::Serverless::Function", path: ["CodeUri"], form: .url, zipsFiles: true,
            isImplied: true),
        .init(type: "AWS::Serverless::Api", path: ["DefinitionUri"], form: .url),
        .init(type: "AWS::AppSync::GraphQLSchema", path: ["DefinitionS3Location"], form: .url),
        .init(type: "AWS::AppSync::Resolver", path: ["RequestMappingTemplateS3Location"], form: .url),
        .init(type: "AWS::AppSync::Resolver", path: ["ResponseMappingTemplateS3Location"], form: .url),
        .init(
            type: "AWS::AppSync::FunctionConfiguration", path: ["RequestMappingTemplateS3Location"],
            form: .url),
        .init(
            type: "AWS::AppSync::FunctionConfiguration", path: ["ResponseMappingTemplateS3Location"],
            form: .url),
        .init(type: "AWS::ApiGateway::RestApi", path: ["BodyS3Location"], form: plainNames),
        .init(
            type: "AWS::Lambda::Function", path: ["Code"], form: lambdaNames, zipsFiles: true, isImplied: true
        ),
        .init(
            type: "AWS::ElasticBeanstalk::ApplicationVersion", path: ["SourceBundle"],
            form: .map(bucket: "S3Bucket", key: "S3Key", version: nil), isImplied: true),
        .init(type: "AWS::CloudFormation::Stack", path: ["TemplateURL"], form: .template),
        .init(type: "AWS::Serverless::Application", path: ["Location"], form: .template),
        .init(
            type: "AWS::Serverless::LayerVersion", path: ["ContentUri"], form: .url, zipsFiles: true,
            isImplied: true),
        .init(
            type: "AWS::Lambda::LayerVersion", path: ["Content"], form: lambdaNames, zipsFiles: true,
            isImplied: true),
        .init(type: "AWS::Glue::Job", path: ["Command", "ScriptLocation"], form: .url, isImplied: true),
        .init(
            type: "AWS::StepFunctions::StateMachine", path: ["DefinitionS3Location"], form: plainNames),
        .init(type: "AWS::Serverless::StateMachine", path: ["DefinitionUri"], form: plainNames),
        .init(
            type: "AWS::CodeCommit::Repository", path: ["Code", "S3"],
            form: .map(bucket: "Bucket", key: "Key", version: "ObjectVersion"), zipsFiles: true),
    ]

    private static let additions: [PackagedProperty] = [
        .init(type: "AWS::Serverless::HttpApi", path: ["DefinitionUri"], form: .url, isAddition: true),
        .init(type: "AWS::Serverless::GraphQLApi", path: ["SchemaUri"], form: .url, isAddition: true),
        .init(type: "AWS::ApiGatewayV2::Api", path: ["BodyS3Location"], form: plainNames, isAddition: true),
        .init(type: "AWS::AppSync::Resolver", path: ["CodeS3Location"], form: .url, isAddition: true),
        .init(
            type: "AWS::AppSync::FunctionConfiguration", path: ["CodeS3Location"], form: .url,
            isAddition: true),
        .init(
            type: "AWS::CloudFormation::StackSet", path: ["TemplateURL"], form: .template, isAddition: true),
        .init(
            type: "AWS::CloudFormation::ModuleVersion", path: ["ModulePackage"], form: .url, zipsFiles: true,
            isAddition: true),
        .init(
            type: "AWS::CloudFormation::ResourceVersion", path: ["SchemaHandlerPackage"], form: .url,
            zipsFiles: true, isAddition: true),
    ]
}
