using UnrealBuildTool;

public class RigcastEditor : ModuleRules
{
	public RigcastEditor(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;

		PrivateDependencyModuleNames.AddRange(new[]
		{
			"Core",
			"CoreUObject",
			"Engine",
			"InputCore",
			"LiveLinkInterface",
			"PropertyEditor",
			"Rigcast",
			"Slate",
			"SlateCore",
		});
	}
}
