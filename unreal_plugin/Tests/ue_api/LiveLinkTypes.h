#pragma once

#include "CoreMinimal.h"

/** FLiveLinkWorldTime */
struct FLiveLinkWorldTime
{
	FLiveLinkWorldTime() = default;
	explicit FLiveLinkWorldTime(double Seconds);
};

/** FLiveLinkBaseStaticData */
struct FLiveLinkBaseStaticData
{
	GENERATED_BODY()
	TArray<FName> PropertyNames;
};

/** FLiveLinkBaseFrameData */
struct FLiveLinkBaseFrameData
{
	GENERATED_BODY()
	FLiveLinkWorldTime WorldTime;
	TArray<float> PropertyValues;
};

/** FLiveLinkStaticDataStruct: moved, never copied */
struct FLiveLinkStaticDataStruct
{
	explicit FLiveLinkStaticDataStruct(const UScriptStruct* Type);
	FLiveLinkStaticDataStruct(FLiveLinkStaticDataStruct&&);
	template <typename T> T* Cast();
};

/** FLiveLinkFrameDataStruct: moved, never copied */
struct FLiveLinkFrameDataStruct
{
	explicit FLiveLinkFrameDataStruct(const UScriptStruct* Type);
	FLiveLinkFrameDataStruct(FLiveLinkFrameDataStruct&&);
	template <typename T> T* Cast();
};

/** FLiveLinkSubjectKey */
struct FLiveLinkSubjectKey
{
	FLiveLinkSubjectKey(FGuid Source, FName Subject);
};
