#pragma once

#include "LiveLinkTypes.h"

/** FLiveLinkSkeletonStaticData */
struct FLiveLinkSkeletonStaticData : FLiveLinkBaseStaticData
{
	GENERATED_BODY()
	void SetBoneNames(const TArray<FName>& Names);
	void SetBoneParents(const TArray<int32>& Parents);
};

/** FLiveLinkAnimationFrameData: Transforms are parent-local */
struct FLiveLinkAnimationFrameData : FLiveLinkBaseFrameData
{
	GENERATED_BODY()
	TArray<FTransform> Transforms;
};
