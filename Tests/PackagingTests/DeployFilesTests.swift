import FoundationEssentials
import Packaging
import Testing

struct DeployFilesTests {
    @Test(arguments: [
        ("imagedefinitions.json", #"[{"name":"web","imageUri":"repo/web:1"}]"#),
        (
            "imageDetail.json",
            #"{"ImageSizeInBytes":"1","ImageURI":"repo/web@sha256:\#(String(repeating: "0", count: 64))"}"#
        ),
        (
            "taskdef.json",
            #"{"family":"f","containerDefinitions":[{"name":"a","image":"<IMAGE1_NAME>"},{"name":"b","image":"nginx:1"}]}"#
        ),
        (
            "appspec.yaml",
            "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: web\n          ContainerPort: 80\n"
        ),
        ("appspec.yml", "version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv\n"),
        (
            "appspec.yml",
            "version: 0.0\nResources:\n  - fn:\n      Type: AWS::Lambda::Function\n      Properties: {Name: f, Alias: live, CurrentVersion: '1', TargetVersion: 2}\nHooks:\n  - BeforeAllowTraffic: check\n"
        ),
        (
            "appspec.json",
            #"{"version":0.0,"resources":[{"f":{"type":"AWS::Lambda::Function","properties":{"name":"f","alias":"live","currentversion":"1","targetversion":"2"}}}]}"#
        ),
        (
            "appspec.yaml",
            #"{"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1"}}}]}"#
        ),
        (
            "appspec.json",
            "{\n\t\"version\": 0.0,\n\t\"Resources\": [\n\t\t{\"T\": {\"Type\": \"AWS::ECS::Service\", \"Properties\":\t{\n\t\t\t\"TaskDefinition\": \"<TASK_DEFINITION>\"}}}\n\t]\n}\n"
        ),
        (
            "appspec.yaml",
            "version: 0.0\nResources:\n- S:\n    Type: AWS::ECS::Service\n    Properties: {TaskDefinition: <TASK_DEFINITION>}\nHooks:\n"
        ),
        (
            "appspec.json",
            "{\"version\"\n: 0.0, \"Resources\": [{\"\\ud83d\\ude00\": {\"Type\": \"AWS::ECS::Service\", \"Properties\": {\"TaskDefinition\": \"<TASK_DEFINITION>\"}}}]}"
        ),
        ("other.json", "{"),
    ])
    func `finds nothing in good files`(name: String, text: String) {
        #expect(DeployFiles.problems(in: name, Array(text.utf8)) == [])
    }

    @Test(arguments: [
        ("imagedefinitions.json", #"{"name":"web","imageUri":"repo/web:1"}"#, "it is not a list of objects"),
        (
            "imagedefinitions.json", #"[{"name":"a","imageUri":"r"},{"name":"b"}]"#,
            "it is not a list of objects with name and imageUri: [1].imageUri is missing"
        ),
        ("imagedefinitions.json", #"[{"name":null,"imageUri":"r"}]"#, ": [0].name is null"),
        ("imagedefinitions.json", #"[{"name":"a","imageUri":["r"]}]"#, ": [0].imageUri is something else"),
        ("imagedefinitions.json", #"["a"]"#, ": [0] is something else"),
        ("imageDetail.json", #"{"ImageURI":3}"#, "with ImageURI: ImageURI is something else"),
        ("imagedefinitions.json", "[]", "names no container"),
        (
            "imagedefinitions.json", #"[{"name":"a","imageUri":"r"},{"name":"a","imageUri":"r"}]"#,
            "two containers"
        ),
        ("imagedefinitions.json", #"[{"name":"a","imageUri":"https://r/x"}]"#, "is not an image URI"),
        ("imagedefinitions.json", String(repeating: " ", count: 102_401), "100 KB"),
        ("imageDetail.json", #"{"imageUri":"r"}"#, "it is not an object with ImageURI"),
        ("taskdef.json", "[]", "not the JSON"), ("taskdef.json", "{}", "containerDefinitions is missing"),
        ("taskdef.json", #"{"containerDefinitions":[{"name":"a","image":"x"}]}"#, "family is missing"),
        ("taskdef.json", #"{"family":"f","containerDefinitions":[{"image":"x"}]}"#, "[0] has no name"),
        ("taskdef.json", #"{"family":"f","containerDefinitions":[{"name":"a"}]}"#, "has no image"),
        (
            "taskdef.json",
            #"{"family":"f","containerDefinitions":[{"name":"a","image":"repo/<IMAGE1_NAME>"}]}"#,
            "is no placeholder"
        ),
        (
            "taskdef.json", #"{"family":"f","containerDefinitions":[{"name":"a","image":"A B"}]}"#,
            "not an image URI"
        ),
        (
            "taskdef.json",
            #"{"family":"f","containerDefinitions":[{"name":"a","image":"<TASK_DEFINITION>"}]}"#,
            "[0].image: <TASK_DEFINITION> is for AppSpec files"
        ),
        (
            "taskdef.json", #"{"family":"f","containerDefinitions":[{"name":"a b","image":"x"}]}"#,
            "[0].name is not a name: a b: it has other characters"
        ),
        (
            "taskdef.json", #"{"family":"f f!","containerDefinitions":[{"name":"a","image":"x"}]}"#,
            "family is not a name: f f!: it has other characters"
        ),
        (
            "appspec.yaml",
            "version: 0.0\nResources:\n- S:\n    Type: AWS::ECS::Servce\n    Properties: {}\n",
            "line 3: S.Type is neither AWS::ECS::Service nor AWS::Lambda::Function: AWS::ECS::Servce"
        ),
        (
            "appspec.yaml", "version: 0.0\nResources:\n  - TargetService\n",
            "line 3: Resources[0] is no map"
        ),
        ("appspec.yaml", "version: 0.0\nResources: [{}]\n", "line 2: Resources[0] is no map"),
        (
            "appspec.yaml", "version: 0.0\nos: linux\n---\nos: windows\n", "a second document begins"
        ),
        ("appspec.yaml", "version: 0.0\nResources: [a]\nHooks: nonsense\n", "line 3: Hooks is no list"),
        (
            "appspec.yaml", "version: 0.0\nResources: [a]\nHooks:\n- AfterInstall: f\n- AfterInstall\n",
            "line 5: Hooks[1] is no map of an event to a function"
        ),
        ("appspec.yaml", "version: 0.0\nResources: [\n", "line"), ("appspec.yaml", "- a", "no map"),
        ("appspec.yaml", "version: 1\nResources: []\n", "version is missing or not 0.0"),
        (
            "appspec.yaml",
            "version: 0.0\nResources:\n  - S:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: TASK_DEFINITION\n",
            "line 6: TaskDefinition is neither an ARN nor <TASK_DEFINITION>"
        ),
        (
            "appspec.yaml",
            "version: 0.0\nResources:\n  - S:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: <TASK_DEFINITON>\n",
            "which the deploy action replaces: <TASK_DEFINITON>"
        ),
        (
            "appspec.json",
            #"{"version":0.0,"Resources":[{"S":{"Type":"AWS::ECS::Service","Properties":{"TaskDefinition":"a:1"}}}]}"#,
            "line 1: TaskDefinition is neither an ARN nor <TASK_DEFINITION>"
        ),
        (
            "appspec.yaml",
            "version: 0.0\nResources:\n  - S:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo: {ContainerName: web}\n",
            "ContainerPort"
        ),
        (
            "appspec.yml",
            "version: 0.0\nResources:\n  - fn:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: f\n        CurrentVersion: 1\n        TargetVersion: 2\n",
            "line 3: fn has no Alias"
        ),
        (
            "appspec.yml",
            "version: 0.0\nResources:\n  - fn:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: f\n        Alias: live\n        CurrentVersion: 1\n        TargetVersion: $LATEST\n",
            "line 9: TargetVersion is not the number of a version: $LATEST"
        ),
    ])
    func `finds what a deploy action would refuse`(name: String, text: String, problem: String) {
        let problems = DeployFiles.problems(in: name, Array(text.utf8))
        #expect(problems.contains { $0.contains(problem) }, "\(problems)")
    }

    /// Texts in place of `~` in a definition of each kind, and what is said of them.
    private static let brokenJSON: [(text: String, problem: String)] = [
        ("[1,]", "line 2, column 3: behind this comma a value is missing"),
        ("{\"a\":1,}", "line 2, column 7: behind this comma a key is missing"),
        ("{\"a\":1,\"b\":2,\"\\u0061\":3}", "line 2, column 14: the key \"a\" stands twice in one object"),
        ("[1 2]", "line 2, column 4: a comma or ] is expected, and here is 2"),
        ("{\"a\" 1}", "line 2, column 6: a colon is expected"),
        ("{a:1}", "line 2, column 2: a key in double quotes is expected, and here is a"),
        ("'a'", "line 2, column 1: a value is expected, and here is '"),
        ("é", "a value is expected, and here is é"), ("NaN", "a value is expected"),
        ("+1", "a value is expected"),
        ("01", "line 2, column 1: a number does not begin with 0"),
        ("1.", "line 2, column 3: a digit is expected, and here is \\n"),
        ("1e+", "a digit is expected"), ("-", "a digit is expected"), ("/**/1", "a value is expected"),
        ("\"a\tb\"", "line 2, column 3: a line break or control character in a string"),
        ("\"é\\x\"", "line 2, column 3: there is no such escape"),
        ("\"\\ud800\"", "half of a pair of surrogates"),
        ("\"\\udc00\\ud800\"", "half of a pair of surrogates"),
        ("\"\\u12g4\"", "four hexadecimal digits"), ("\"a", "control character in a string"),
        (
            String(repeating: "[", count: 5_000),
            "line 2, column 100: lists and objects are nested more than 100"
        ),
        ("1]", "line 2, column 2: a comma or } is expected"),
    ]

    @Test(arguments: ["imageDetail.json", "taskdef.json", "appspec.json"], brokenJSON)
    func `tells where a file is no JSON`(name: String, broken: (text: String, problem: String)) {
        let text =
            #"{"ImageURI":"r","family":"f","version":0.0,"os":"linux","containerDefinitions":[{"name":"a","image":"r"}],"x":"#
            + "\n~\n}"
        #expect(
            DeployFiles.problems(
                in: name,
                Array(text.replacing("~", with: #"[true,false,null,-0.5E+1,"\ud83d\ude00\/"]"#).utf8)) == [])
        let problems = DeployFiles.problems(in: name, Array(text.replacing("~", with: broken.text).utf8))
        #expect(problems.count == 1 && problems[0].contains(broken.problem), "\(problems)")
    }

    @Test(arguments: [
        (
            #"[{"name":"web","imageUri":"h.x/a:1"},]"#,
            "line 1, column 37: behind this comma a value is missing"
        ),
        (
            #"[{"name":"a","imageUri":"h.x/a:1","imageUri":"h.x/a:2"}]"#,
            #"line 1, column 35: the key "imageUri" stands twice"#
        ),
        (#"[{"name":"a","imageUri":"h.x/a:1"}]x"#, "text follows where the value has ended"),
        ("", "line 1, column 1: the text ends where a value is expected"),
        ("\u{FEFF}[]", "a byte order mark"), ("[\"\u{0}\"]", "control character"), ("[\"", "does not end"),
    ])
    func `tells where image definitions are no JSON`(text: String, problem: String) {
        let problems = DeployFiles.problems(in: "imagedefinitions.json", Array(text.utf8))
        #expect(problems.count == 1 && problems[0].contains(problem), "\(problems)")
    }

    @Test(arguments: ["imagedefinitions.json", "imageDetail.json", "taskdef.json", "appspec.json"])
    func `takes JSON in UTF-8 only`(name: String) {
        let text = #"{"ImageURI":"r","x":""#
        let wide = Array(text.utf8).reduce(into: [UInt8]()) { $0 += [$1, 0] }
        let files: [(bytes: [UInt8], problem: String)] = [
            (Array(text.utf8) + [0xFF] + Array("\"}".utf8), "line 1, column 22: the text is not UTF-8"),
            ([0xFF, 0xFE] + wide, "UTF-16"), ([0xFE, 0xFF, 0] + wide.dropLast(), "UTF-16"), (wide, "UTF-16"),
        ]
        for (bytes, problem) in files {
            let problems = DeployFiles.problems(in: name, bytes)
            #expect(problems.count == 1 && problems[0].contains(problem), "\(problems)")
        }
    }

    @Test func `tells the keys that an AppSpec file has twice`() {
        let text =
            "version: 0.0\nos: linux\nx: &x\n  a: {b: 1, b: 2}\n  a: 3\ny: *x\nversion: 0.0\nz: {<<: *x, <<: *x}\n"
        #expect(
            DeployFiles.problems(in: "appspec.yml", Array(text.utf8)) == [
                "line 4: the key \"b\" stands twice in one map",
                "line 5: the key \"a\" stands twice in one map",
                "line 7: the key \"version\" stands twice in one map",
            ])
    }

    @Test(arguments: [
        ("w", [String]()),
        ("other", ["line 1: ContainerName other is none of the containers of the taskdef.json beside it"]),
    ])
    func `an AppSpec file names a container of the task definition`(name: String, problems: [String]) {
        let specification =
            #"{"resources":[{"S":{"properties":{"loadBalancerInfo":{"containerName":"\#(name)"}}}}]}"#
        let definition = #"{"containerDefinitions":[{"image":"x"},{"name":"w"}]}"#
        #expect(
            DeployFiles.problems(of: Array(specification.utf8), beside: Array(definition.utf8)) == problems)
        #expect(DeployFiles.problems(of: Array(specification.utf8), beside: []) == [])
        #expect(DeployFiles.problems(of: [], beside: Array(definition.utf8)) == [])
    }

    @Test func `tells a bounded number of problems`() {
        let text = "version: 0.0\nos: linux\n" + String(repeating: "a: 1\n", count: 1_000)
        let problems = DeployFiles.problems(in: "appspec.yml", Array(text.utf8))
        #expect(problems.count == 21 && problems.last == "979 more problems are not shown", "\(problems)")
    }
}
