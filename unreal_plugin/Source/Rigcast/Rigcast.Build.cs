using System.IO;
using UnrealBuildTool;

public class Rigcast : ModuleRules
{
	public Rigcast(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;

		// The engine-free core; Private/RigcastCore.cpp compiles it.
		PublicIncludePaths.Add(Path.Combine(ModuleDirectory, "..", "RigcastCore", "Public"));

		PublicDependencyModuleNames.AddRange(new[]
		{
			"Core",
			"CoreUObject",
			"DeveloperSettings",
			"Engine",
			"LiveLinkInterface",
		});
		PrivateDependencyModuleNames.AddRange(new[]
		{
			"AudioCaptureCore",
			"AudioMixer",
			"LiveLinkAnimationCore",
			"SlateCore",
			"WebSockets",
		});
	}
}
