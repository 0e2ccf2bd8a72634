#pragma once

#include "CoreMinimal.h"

/** IModularFeatures */
class IModularFeatures
{
public:
	static IModularFeatures& Get();
	bool IsModularFeatureAvailable(const FName Type);
	template <typename T> T& GetModularFeature(const FName Type);
};
