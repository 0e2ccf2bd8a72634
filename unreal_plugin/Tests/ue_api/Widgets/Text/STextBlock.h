#pragma once

#include "Widgets/SWidget.h"

/** STextBlock */
class STextBlock : public SWidget
{
public:
	struct FArguments : TWidgetArguments<STextBlock>
	{
		FArguments& Text(const FText& Text);
	};
};
