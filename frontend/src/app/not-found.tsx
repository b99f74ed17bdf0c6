import { useTranslation } from "react-i18next";
import { ButtonLink } from "@/components/links";
import { Empty } from "@/components/empty";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty
      icon="search"
      title={t("notFound.title")}
      action={
        <ButtonLink to="/tests" variant="default">
          {t("nav.tests")}
        </ButtonLink>
      }
    >
      {t("notFound.text")}
    </Empty>
  );
}
