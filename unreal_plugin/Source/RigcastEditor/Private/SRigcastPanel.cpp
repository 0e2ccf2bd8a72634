#include "SRigcastPanel.h"

#include "RigcastSettings.h"
#include "Widgets/Input/SButton.h"
#include "Widgets/Input/SEditableTextBox.h"
#include "Widgets/SBoxPanel.h"
#include "Widgets/Text/STextBlock.h"

#define LOCTEXT_NAMESPACE "Rigcast"

void SRigcastPanel::Construct(const FArguments& InArgs)
{
	Chosen = InArgs._OnChosen;
	Address = GetDefault<URigcastSettings>()->Address;
	ChildSlot
	[
		SNew(SVerticalBox)
		+ SVerticalBox::Slot().AutoHeight()[Row(LOCTEXT("Url", "Bridge"), &FRigcastAddress::Url)]
		+ SVerticalBox::Slot().AutoHeight()[Row(LOCTEXT("Session", "Session"), &FRigcastAddress::Session)]
		+ SVerticalBox::Slot().AutoHeight()[Row(LOCTEXT("Token", "Token"), &FRigcastAddress::Token, true)]
		+ SVerticalBox::Slot().AutoHeight()[Row(LOCTEXT("Subject", "Subject"), &FRigcastAddress::Subject)]
		+ SVerticalBox::Slot().AutoHeight()
		[
			SNew(SButton)
			.Text(LOCTEXT("Add", "Add"))
			.OnClicked(this, &SRigcastPanel::Choose)
		]
	];
}

TSharedRef<SWidget> SRigcastPanel::Row(const FText& Label, FString FRigcastAddress::* Field, bool bSecret)
{
	return SNew(SHorizontalBox)
		+ SHorizontalBox::Slot().FillWidth(0.3f)[SNew(STextBlock).Text(Label)]
		+ SHorizontalBox::Slot().FillWidth(0.7f)
		[
			SNew(SEditableTextBox)
			.Text(FText::FromString(Address.*Field))
			.IsPassword(bSecret)
			.OnTextChanged_Lambda([this, Field](const FText& Text) { Address.*Field = Text.ToString(); })
		];
}

FReply SRigcastPanel::Choose()
{
	Chosen.ExecuteIfBound(Address);
	return FReply::Handled();
}

#undef LOCTEXT_NAMESPACE
