#pragma once

#include "Widgets/SWidget.h"

/** SEditableTextBox */
class SEditableTextBox : public SWidget
{
public:
	struct FArguments : TWidgetArguments<SEditableTextBox>
	{
		FArguments& Text(const FText& Text);
		FArguments& IsPassword(bool bSecret);
		template <typename F> FArguments& OnTextChanged_Lambda(F&&)
		{
			void (*Checked)(F&, const FText&) = [](F& Called, const FText& Text) { Called(Text); };
			(void)Checked;
			return *this;
		}
	};
};
