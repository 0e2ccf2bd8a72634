#pragma once

#include "Widgets/SWidget.h"

/** SButton */
class SButton : public SWidget
{
public:
	struct FArguments : TWidgetArguments<SButton>
	{
		FArguments& Text(const FText& Text);
		template <typename T> FArguments& OnClicked(T* Object, FReply (T::*Method)());
	};
};
