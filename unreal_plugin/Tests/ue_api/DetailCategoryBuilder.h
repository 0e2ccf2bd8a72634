#pragma once

#include "CoreMinimal.h"

class FDetailWidgetRow;

/** IDetailCategoryBuilder */
class IDetailCategoryBuilder
{
public:
	virtual ~IDetailCategoryBuilder() = default;
	virtual FDetailWidgetRow& AddCustomRow(const FText& FilterString, bool bForAdvanced = false) = 0;
};
