#pragma once

#include "Widgets/SWidget.h"

/** STextBlock */
class STextBlock : public SWidget
{
public:
	struct FArguments : TWidgetArguments<STextBlock>
	{
		FArguments& AutoWrapText(bool bWraps);
		FArguments& Text(const FText& Text);
		template <typename F> FArguments& Text_Lambda(F&& Ask) { return checkedLambda<FText>(*this, Ask); }
	};
};
