#pragma once

#include "CoreMinimal.h"
#include "rigcast/BodyMap.h"

#include <string>

// Between the core's types and Unreal's. Any thread.

inline FString ToUnreal(const std::string& Text)
{
	return FString(UTF8_TO_TCHAR(Text.c_str()));
}

inline std::string ToCore(const FString& Text)
{
	return std::string(TCHAR_TO_UTF8(*Text));
}

inline FTransform ToUnreal(const rigcast::Bone& Bone)
{
	return FTransform(
		FQuat(Bone.rotation.x, Bone.rotation.y, Bone.rotation.z, Bone.rotation.w),
		FVector(Bone.position.x, Bone.position.y, Bone.position.z));
}

inline rigcast::Bone ToCore(const FName& Name, int32 Parent, const FTransform& Rest)
{
	const FQuat Q = Rest.GetRotation();
	const FVector P = Rest.GetTranslation();
	rigcast::Bone Bone;
	Bone.name = ToCore(Name.ToString());
	Bone.parent = Parent;
	Bone.position = {static_cast<float>(P.X), static_cast<float>(P.Y), static_cast<float>(P.Z)};
	Bone.rotation = {static_cast<float>(Q.X), static_cast<float>(Q.Y), static_cast<float>(Q.Z), static_cast<float>(Q.W)};
	return Bone;
}
