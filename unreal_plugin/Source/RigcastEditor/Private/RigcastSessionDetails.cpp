#include "RigcastSessionDetails.h"

#include "DetailCategoryBuilder.h"
#include "DetailLayoutBuilder.h"
#include "DetailWidgetRow.h"
#include "RigcastSessionComponent.h"
#include "Widgets/Input/SButton.h"
#include "Widgets/SBoxPanel.h"
#include "Widgets/Text/STextBlock.h"

#define LOCTEXT_NAMESPACE "Rigcast"

namespace
{
	// The details may outlive the component, so they hold it weakly.
	using FSession = TWeakObjectPtr<URigcastSessionComponent>;

	/** A row whose text is asked for again with every image. */
	void AddText(IDetailCategoryBuilder& Category, const FText& Label, const FSession& Session, FString (URigcastSessionComponent::*Text)() const)
	{
		Category.AddCustomRow(Label)
		.NameContent()
		[
			SNew(STextBlock).Text(Label)
		]
		.ValueContent()
		[
			SNew(STextBlock)
			.AutoWrapText(true)
			.Text_Lambda([Session, Text]() -> FText { return Session.IsValid() ? FText::FromString((Session.Get()->*Text)()) : FText(); })
		];
	}

	bool MayConnect(const FSession& Session)
	{
		return Session.IsValid() && Session->GetState() != ERigcastState::Live;
	}

	bool MayDisconnect(const FSession& Session)
	{
		return Session.IsValid() && Session->GetState() != ERigcastState::Stopped;
	}

	TSharedRef<SWidget> Button(const FText& Label, const FSession& Session, bool (*May)(const FSession&), void (URigcastSessionComponent::*Press)())
	{
		return SNew(SButton)
			.Text(Label)
			.IsEnabled_Lambda([Session, May]() -> bool { return May(Session); })
			.OnClicked_Lambda([Session, Press]() -> FReply
			{
				if (Session.IsValid())
				{
					(Session.Get()->*Press)();
				}
				return FReply::Handled();
			});
	}
}

TSharedRef<IDetailCustomization> FRigcastSessionDetails::MakeInstance()
{
	return MakeShared<FRigcastSessionDetails>();
}

void FRigcastSessionDetails::CustomizeDetails(IDetailLayoutBuilder& Layout)
{
	TArray<TWeakObjectPtr<UObject>> Objects;
	Layout.GetObjectsBeingCustomized(Objects);
	const FSession Session(Objects.Num() == 1 ? Cast<URigcastSessionComponent>(Objects[0].Get()) : nullptr);
	if (!Session.IsValid() || Session->IsTemplate())
	{
		return; // several at once, or a Blueprint's defaults, which nothing connects
	}
	IDetailCategoryBuilder& Category = Layout.EditCategory(FName(TEXT("Rigcast")));
	AddText(Category, LOCTEXT("State", "State"), Session, &URigcastSessionComponent::GetStatus);
	AddText(Category, LOCTEXT("LastError", "Last Error"), Session, &URigcastSessionComponent::GetLastError);
	Category.AddCustomRow(LOCTEXT("Connection", "Connection"))
	.ValueContent()
	[
		SNew(SHorizontalBox)
		+ SHorizontalBox::Slot().AutoWidth()[Button(LOCTEXT("Connect", "Connect"), Session, &MayConnect, &URigcastSessionComponent::Connect)]
		+ SHorizontalBox::Slot().AutoWidth()[Button(LOCTEXT("Disconnect", "Disconnect"), Session, &MayDisconnect, &URigcastSessionComponent::Disconnect)]
	];
}

#undef LOCTEXT_NAMESPACE
