#pragma once

#include "Widgets/SWidget.h"

template <typename T> struct TBoxArguments : TWidgetArguments<T>
{
	TBoxArguments& operator+(const typename T::FSlot& Slot);
};

/** SVerticalBox */
class SVerticalBox : public SWidget
{
public:
	struct FSlot
	{
		FSlot& AutoHeight();
		FSlot& operator[](const TSharedRef<SWidget>& Child);
	};
	using FArguments = TBoxArguments<SVerticalBox>;
	static FSlot& Slot();
};

/** SHorizontalBox */
class SHorizontalBox : public SWidget
{
public:
	struct FSlot
	{
		FSlot& AutoWidth();
		FSlot& FillWidth(float Share);
		FSlot& operator[](const TSharedRef<SWidget>& Child);
	};
	using FArguments = TBoxArguments<SHorizontalBox>;
	static FSlot& Slot();
};
