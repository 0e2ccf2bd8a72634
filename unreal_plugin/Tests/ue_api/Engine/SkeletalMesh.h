#pragma once

#include "CoreMinimal.h"

/** FReferenceSkeleton */
struct FReferenceSkeleton
{
	int32 GetNum() const;
	FName GetBoneName(int32 Index) const;
	int32 GetParentIndex(int32 Index) const;
	const TArray<FTransform>& GetRefBonePose() const;
};

/** USkeletalMesh */
class USkeletalMesh : public UObject
{
public:
	const FReferenceSkeleton& GetRefSkeleton() const;
};
