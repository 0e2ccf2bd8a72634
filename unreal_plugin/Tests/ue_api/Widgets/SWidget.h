#pragma once

#include "CoreMinimal.h"

/** SWidget */
class SWidget
{
public:
	virtual ~SWidget() = default;
};

/** FReply */
class FReply
{
public:
	static FReply Handled();
};

// Slate's declarative syntax: SNew gives arguments that become the widget, [] takes a child, + takes a slot.
template <typename T> struct TWidgetArguments
{
	operator TSharedRef<T>() const;
	operator TSharedRef<SWidget>() const;
};

/** An attribute or event bound to a lambda without parameters: its type is checked. */
template <typename R, typename Arguments, typename F> Arguments& checkedLambda(Arguments& Self, F& Function)
{
	R (*Checked)(F&) = [](F& Called) -> R { return Called(); };
	(void)Checked;
	(void)Function;
	return Self;
}

#define SNew(Type) Type::FArguments()
#define SLATE_BEGIN_ARGS(Type) \
	using FThisWidget = Type; \
	struct FArguments : TWidgetArguments<Type> \
	{ \
		FArguments()
#define SLATE_EVENT(Delegate, Name) \
	Delegate _##Name; \
	FArguments& Name(const Delegate& Handler);
#define SLATE_END_ARGS() };
