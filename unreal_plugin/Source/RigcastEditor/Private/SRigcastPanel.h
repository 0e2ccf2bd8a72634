#pragma once

#include "RigcastLiveLinkSourceFactory.h"
#include "Widgets/SCompoundWidget.h"

/** The panel under Live Link's "+ Source": address, session, token, subject, and a button. Game thread. */
class SRigcastPanel : public SCompoundWidget
{
public:
	SLATE_BEGIN_ARGS(SRigcastPanel) {}
		SLATE_EVENT(FRigcastAddressChosen, OnChosen)
	SLATE_END_ARGS()

	void Construct(const FArguments& InArgs);

private:
	TSharedRef<SWidget> Row(const FText& Label, FString FRigcastAddress::* Field, bool bSecret = false);
	FReply Choose();

	FRigcastAddress Address;
	FRigcastAddressChosen Chosen;
};
