#pragma once

#include "CoreMinimal.h"

class IDetailCategoryBuilder;

/** IDetailLayoutBuilder */
class IDetailLayoutBuilder
{
public:
	virtual ~IDetailLayoutBuilder() = default;
	virtual void GetObjectsBeingCustomized(TArray<TWeakObjectPtr<UObject>>& OutObjects) const = 0;
	virtual IDetailCategoryBuilder& EditCategory(FName CategoryName, const FText& NewLocalizedDisplayName = FText()) = 0;
};
