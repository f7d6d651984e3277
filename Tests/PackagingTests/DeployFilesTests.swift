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
        ("other.json", "{"),
    ])
    func `finds nothing in good files`(name: String, text: String) {
        #expect(DeployFiles.problems(in: name, Array(text.utf8)) == [])
    }

    @Test(arguments: [
        ("imagedefinitions.json", #"{"name":"web","imageUri":"repo/web:1"}"#, "it is not a list of objects"),
        ("imagedefinitions.json", "[]", "names no container"),
        (
            "imagedefinitions.json", #"[{"name":"a","imageUri":"r"},{"name":"a","imageUri":"r"}]"#,
            "two containers"
        ),
        ("imagedefinitions.json", #"[{"name":"a","imageUri":"https://r/x"}]"#, "is not an image URI"),
        ("imagedefinitions.json", String(repeating: " ", count: 102_401), "100 KB"),
        ("imageDetail.json", #"{"imageUri":"r"}"#, "it is not an object with ImageURI"),
        ("taskdef.json", "[", "not the JSON"), ("taskdef.json", "{}", "containerDefinitions is missing"),
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
}
