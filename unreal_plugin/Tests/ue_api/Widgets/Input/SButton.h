#pragma once

#include "Widgets/SWidget.h"

/** SButton */
class SButton : public SWidget
{
public:
	struct FArguments : TWidgetArguments<SButton>
	{
		FArguments& Text(const FText& Text);
		template <typename F> FArguments& IsEnabled_Lambda(F&& Ask) { return checkedLambda<bool>(*this, Ask); }
		template <typename T> FArguments& OnClicked(T* Object, FReply (T::*Method)());
		template <typename F> FArguments& OnClicked_Lambda(F&& Click) { return checkedLambda<FReply>(*this, Click); }
	};
};
